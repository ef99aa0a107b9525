import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { useHost } from '../support.ts';
import { vm } from '../vms.ts';

const host = useHost();
const BROWSER = fileURLToPath(new URL('browser.mjs', import.meta.url));

/** Each key is shown on the screen and written to the serial port: int 16h, int 10h, out 3f8h, for ever. */
const ECHO = [
  0x31, 0xc0, 0x8e, 0xd8, 0xb4, 0x00, 0xcd, 0x16, 0xb4, 0x0e, 0x31, 0xdb, 0xcd, 0x10, 0xba, 0xf8, 0x03, 0xee,
  0xeb, 0xf0,
];

async function givenEcho(): Promise<void> {
  const disk = Buffer.alloc(1 << 20);
  disk.set(ECHO);
  disk.set([0x55, 0xaa], 510);
  const file = join(host().files, 'echo.raw');
  await writeFile(file, disk);
  await host().sh(`cp ${file} /var/lib/libvirt/images/echo.raw`);
  const image = '/var/lib/libvirt/images/echo.raw';
  await host().given(vm({ vnc: true, boot_disk: { image, image_format: 'raw', size_gb: 1 } }));
}

/** `plow vnc --web` in the background, and a script that has $URL, $P and $T of it. */
function whileWeb(
  work: string,
  { options = '', before = '' } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  return host().plowInShell(`${before}
    out=$(mktemp -p /run); "$@" vnc --web ${options} web > $out 2> $out.err & plow=$!
    for i in $(seq 200); do grep -q '^http://' $out && break; kill -0 $plow 2> /dev/null || break; sleep 0.05; done
    URL=$(cat $out); P=$(sed 's#.*:\\([0-9]*\\)/.*#\\1#' $out); T=$(sed 's#.*token=##' $out)
    ${work}
    kill -INT $plow 2> /dev/null; wait $plow; code=$?
    cat $out.err >&2; rm $out $out.err; exit $code`);
}

it('lets nobody in without its token, by another name, or from another page', async () => {
  await host().given(vm({ vnc: true }));
  const upgrade = `-H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='`;
  const { stdout, stderr, code } = await whileWeb(`
    get() { curl -s -m 3 -o /dev/null -w '%{http_code} ' "$@"; }
    curl -s -D - -o /dev/null "$URL" | tr -d '\\r' | grep -cE "^(Content-Security-Policy: default-src 'self'; |X-Content-Type-Options: nosniff|Referrer-Policy: no-referrer)"
    get "$URL"; get "http://127.0.0.1:$P/page.js?token=$T"; get "http://127.0.0.1:$P/nothing?token=$T"; echo
    get "http://127.0.0.1:$P/"; get "http://127.0.0.1:$P/?token=0123456789abcdef0123456789abcdef"
    get "http://localhost:$P/?token=$T"; get -H 'Host: evil.example' "$URL"; get -H 'Origin: http://evil.example' "$URL"
    get -X POST "$URL"; setpriv --reuid 65534 --clear-groups curl -s -m 3 "$URL"
    WS="http://127.0.0.1:$P/screen?token="
    get ${upgrade} -H "Origin: http://evil.example" "$WS$T"; get ${upgrade} "$WS$T"
    get ${upgrade} -H "Origin: http://127.0.0.1:$P" "\${WS}00"
    get ${upgrade} -H "Origin: http://127.0.0.1:$P" "$WS$T"; echo
    for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 $plow 2> /dev/null || break; sleep 0.3; done`);
  expect(stdout.trim().split('\n')).toEqual([
    '3',
    '200 200 404 ',
    '403 403 403 403 403 405 this screen is for the user who started plow vnc alone',
    '403 403 403 101',
  ]);
  expect(stderr).toContain('a viewer was sent away: the token is another one\n');
  expect(stderr).toContain('a viewer was sent away: a page from elsewhere wanted to see it\n');
  expect(stderr).toContain('the viewer has left\n');
  expect(code).toBe(0);
  await host().discard('web');
});

const hasBrowser = process.env['PLOW_BROWSER'] === 'all';
if (!hasBrowser) console.log('vnc in a browser is skipped: PLOW_BROWSER=all has it run, with chromium');

it.skipIf(!hasBrowser)(
  'shows the screen in a browser, and brings keys and pasted texts to the guest',
  async () => {
    expect(existsSync('/usr/bin/chromium')).toBe(true);
    await givenEcho();
    const opener = join(host().files, 'xdg-open');
    await writeFile(opener, '#!/bin/bash\nprintf %s "$1" > /run/page.draft; mv /run/page.draft /run/page\n', {
      mode: 0o755,
    });
    const { stdout, stderr, code } = await whileWeb(
      `until [ -e /run/page ]; do kill -0 $plow || break; sleep 0.05; done
    timeout 120 ${process.execPath} ${BROWSER} "file://$(cat /run/page)" ${host().files}/profile
    for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 $plow 2> /dev/null || break; sleep 0.5; done; rm /run/page /run/xdg-open`,
      { options: '--open', before: `ln -sf ${opener} /run/xdg-open; PATH=/run:$PATH` },
    );
    expect({ seen: stdout.trim(), stderr, code }).toEqual({
      seen: '{"painted":true,"typed":true,"state":""}',
      stderr: "the screen of VM 'web', for one viewer; Ctrl-C ends it\nthe viewer has left\n",
      code: 0,
    });
    expect(await host().sh(`tr '\\r' '\\n' < /var/lib/libvirt/images/web/console.log`)).toContain(
      'kPaste_42!',
    );
    await host().discard('web');
    await host().sh('rm /var/lib/libvirt/images/echo.raw');
  },
);
