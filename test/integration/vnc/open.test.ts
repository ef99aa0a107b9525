import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Finished } from '../../lab/lab.ts';
import { useHost } from '../support.ts';
import { vm } from '../vms.ts';

const host = useHost();
/** With a blank and words of shells in it. */
const PWNED = '/run/pwned';

/** Writes a program, notes there what it is called with, and has plow start it. */
async function opened(
  program: string,
  viewer = '%h %p',
  options = '',
): Promise<Finished & { words: string }> {
  const file = join(host().files, 'viewer');
  await writeFile(file, `#!/bin/bash\nprintf '%s\\n' "$@" > /run/words\n${program}\n`, { mode: 0o755 });
  const ran = await host().plowInShell(
    `ln -sf ${file} /run/xdg-open; rm -f /run/words; "$@" vnc --open ${options} web; code=$?; rm /run/xdg-open; exit $code`,
    {
      env: {
        PATH: `/run:/usr/sbin:/usr/bin:/sbin:/bin`,
        ...(viewer === '' ? {} : { PLOW_VNC_VIEWER: `${file} ${viewer}` }),
      },
    },
  );
  return { ...ran, words: await host().sh('cat /run/words; rm /run/words') };
}

const LOOKS = 'exec 3<>/dev/tcp/127.0.0.1/${2:-${1##*:}}; head -c 12 <&3 > /dev/null';
const SCREEN = `the screen of VM 'web', for one viewer; Ctrl-C ends it\n`;

beforeAll(() => host().given(vm({ vnc: true })));
afterAll(() => host().discard('web'));

it('starts the viewer with the address, and ends with it', async () => {
  const { code, stdout, stderr, words } = await opened(LOOKS);
  const port = /^vnc:\/\/127\.0\.0\.1:(\d+)\n$/u.exec(stdout)?.[1];
  expect({ code, stderr, words }).toEqual({
    code: 0,
    stderr: `${SCREEN}the viewer has left\n`,
    words: `127.0.0.1\n${port}`,
  });
});

it('gives the address last where nothing stands for it, to xdg-open as to others', async () => {
  const plain = await opened(LOOKS, '-FullScreen');
  expect(`${plain.words}\n`).toBe(`-FullScreen\n${plain.stdout}`);
  const usual = await opened(LOOKS, '');
  expect([usual.code, `${usual.words}\n`]).toEqual([0, usual.stdout]);
});

it('has a browser open a file that nobody else reads, in which the address is', async () => {
  const reading = `stat -c '%a %u' "$1" "\${1%/*}" > /run/modes; url=$(grep -o 'http://[^"]*' "$1")
    echo "$url" > /run/url; cat /proc/[0-9]*/cmdline > /run/argv; curl -s -m 3 -o /dev/null "$url" && exit 7`;
  const browser = await opened(reading, '', '--web');
  expect(browser.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[0-9a-f]{32}\n$/u);
  expect(`${await host().sh('cat /run/url')}\n`).toBe(browser.stdout);
  expect(browser.words).toMatch(/^\/.*\/plow-vnc-\w+\/screen\.html$/u);
  expect(await host().sh('cat /run/modes')).toBe('600 0\n700 0');
  const token = browser.stdout.replace(/^.*token=/u, '').trim();
  expect(await host().sh('tr "\\0" " " < /run/argv')).not.toContain(token);
  expect(await host().sh(`ls ${browser.words} $(dirname ${browser.words}) 2> /dev/null || echo gone`)).toBe(
    'gone',
  );
  await host().sh('rm /run/url /run/modes /run/argv');
  expect([browser.code, browser.stderr]).toEqual([
    1,
    `${SCREEN}error: xdg-open ended with exit code 7 before it looked
hint: without --open any browser can be given the address\n`,
  ]);
});

it('reads no word of it as a shell would', async () => {
  const viewer = `%p;touch ${PWNED} $(touch\${IFS}${PWNED}) \`touch\${IFS}${PWNED}\` |%h`;
  const { code, words } = await opened(LOOKS.replace('${2:-${1##*:}}', '${1%%;*}'), viewer);
  const [first, ...others] = words.split('\n');
  expect(code).toBe(0);
  expect(first).toMatch(/^\d+;touch$/u);
  expect(others).toEqual([PWNED, `$(touch\${IFS}${PWNED})`, `\`touch\${IFS}${PWNED}\``, '|127.0.0.1']);
  expect(await host().sh(`ls ${PWNED} 2> /dev/null || true`)).toBe('');
});

it('says that there is no such viewer, and that one fails', async () => {
  const none = await host().plow(['vnc', '--open', 'web'], { PLOW_VNC_VIEWER: '/nowhere/viewer %h' });
  expect([none.code, none.stderr]).toEqual([
    1,
    `${SCREEN}error: there is no /nowhere/viewer on this machine
hint: PLOW_VNC_VIEWER names it; without --open any viewer can be given the address\n`,
  ]);
  const usual = await host().plowInShell('PATH=/nowhere "$@" vnc --open web');
  expect([usual.code, usual.stderr]).toEqual([
    1,
    expect.stringMatching(/there is no xdg-open on this machine\nhint: .*xdg-utils.*PLOW_VNC_VIEWER/u),
  ]);
  const { code, stderr } = await opened('exit 3');
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(
      /error: \S*\/viewer ended with exit code 3 before it looked\nhint: PLOW_VNC_VIEWER/u,
    ),
  ]);
});

it('waits for one that a program starts which ends at once', async () => {
  const { code, stderr } = await opened(`(sleep 1; ${LOOKS}) & exit 0`);
  expect([code, stderr]).toEqual([0, `${SCREEN}the viewer has left\n`]);
});
