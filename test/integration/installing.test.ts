import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { buildInstallerIso } from '../lab/guest-image.ts';
import type { Finished } from '../lab/lab.ts';
import { PLOW, useHost } from './support.ts';
import { IMAGES } from './vms.ts';

const host = useHost();

const page = fileURLToPath(new URL('../../docs/installing.md', import.meta.url));
const TERMINAL = fileURLToPath(new URL('on-terminal.py', import.meta.url));
const KEYS = fileURLToPath(new URL('vnc/press-keys.mjs', import.meta.url));
const LOG = `${IMAGES}/install-vm/console.log`;
const [DOWN, ENTER] = [0xff54, 0xff0d];

/** What a section of the page has in its blocks of a language. */
async function blocks(section: string, language: string): Promise<readonly string[]> {
  const text = (await readFile(page, 'utf8')).split(/^## /mu).find((part) => part.startsWith(`${section}\n`));
  return [...(text ?? '').matchAll(/^```(\w+)\n(.*?)^```$/gmsu)].flatMap(([, found, lines = '']) =>
    found === language ? [lines] : [],
  );
}

const commands = async (section: string): Promise<readonly string[]> =>
  (await blocks(section, 'sh')).join('').trimEnd().split('\n');

/** As somebody types it in the directory of the VM file; `plow` is the built one. */
const type = (line: string): Promise<Finished> =>
  host().plowInShell(`cd ${host().files}; plow=("$@"); plow() { "\${plow[@]}" "$@"; }; ${line}`);

/** `plow console`, and what the page says is typed there. */
async function install(line: string): Promise<void> {
  const steps = [
    ['see', 'Ctrl-] leaves it'],
    ['raw'],
    ['urge', '\r', 'Type yes: '],
    ['urge', 'yes\r', 'Installed: the machine restarts'],
    ['see', 'busybox is up'],
    ['type', '\u001D'],
    ['end'],
  ];
  const words = [JSON.stringify(steps), ...PLOW, ...line.split(' ').slice(1)].map((word) => `'${word}'`);
  const told = await host().sh(`python3 ${TERMINAL} ${words.join(' ')}`);
  expect(JSON.parse(told)).toMatchObject({ code: 0, restored: true });
}

/** `plow vnc`, and the keys that the page names, once the menu is there. */
async function installOnScreen(line: string): Promise<void> {
  const { code, stderr } = await type(`
    until grep -aq 'Install at once' ${LOG}; do sleep 0.2; done
    ${line} > vnc.out 2> vnc.err & viewer=$!
    until grep -q '^vnc://' vnc.out; do kill -0 $viewer; sleep 0.1; done
    ${process.execPath} ${KEYS} "$(sed -n 's#^vnc://127.0.0.1:##p' vnc.out)" ${DOWN} ${ENTER} || exit 9
    wait $viewer`);
  expect({ code, stderr }).toStrictEqual({ code: 0, stderr: '' });
  await host().sh(`until grep -aq 'busybox is up' ${LOG}; do sleep 0.2; done`);
}

/** Runs the lines of a section. @returns what they print */
async function follow(section: string): Promise<string> {
  let printed = '';
  for (const line of await commands(section)) {
    if (line.startsWith('plow console')) await install(line);
    else if (line.startsWith('plow vnc')) await installOnScreen(line);
    else if (!line.startsWith('cp ')) {
      const { code, stdout, stderr } = await type(line);
      if (code !== 0) throw new Error(`${line} ended with ${code}: ${stderr}`);
      printed += stdout;
    }
  }
  return printed;
}

beforeAll(async () => {
  const [text = ''] = await blocks('On the serial console', 'yaml');
  await writeFile(join(host().files, 'install-vm.yaml'), text);
  await copyFile(await buildInstallerIso(), join(host().files, 'installer.iso'));
}, 180_000);

afterEach(() => host().sh(`rm -rf ${IMAGES}/plow.images`));

it(
  'goes from an empty disk to a system that boots, on the serial console',
  { timeout: 400_000 },
  async () => {
    const printed = await follow('On the serial console');
    expect(printed).toMatch(/Image brought to \S+\/installer-[0-9a-f]{32}\.iso/u);
    // From the disk by UEFI, and the menu of the ISO was there once.
    const [before, after] = printed.split('Installed: the machine restarts');
    expect(before).toContain('Install at once');
    expect(after).toContain('busybox is up');
    expect(after).not.toContain('Install at once');
  },
);

it('goes so on the screen too, and nothing is ejected', { timeout: 400_000 }, async () => {
  const printed = await follow('On a screen');
  expect(printed.split('Installed: the machine restarts')[0]).not.toContain('Type yes');
  expect(await host().virsh('domblklist install-vm')).toMatch(/sdb .*installer-[0-9a-f]{32}\.iso/u);
  const picture = await readFile(join(host().files, 'installed.png'));
  expect(picture.subarray(1, 4).toString()).toBe('PNG');
  await host().discard('install-vm');
});
