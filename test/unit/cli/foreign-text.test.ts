import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import { PlowError } from '../../../src/errors/plow-error.ts';
import { failureLines } from '../../../src/views/failure/text.ts';
import { SMALLEST } from '../config/sample.ts';
import type { FakeHypervisor } from '../vm/fake-hypervisor.ts';
import { listed, listing, seen } from '../vm/listed.ts';
import { liveDocument, ownDocument, running } from '../vm/shown.ts';
import { fakeEnvironment } from './environment.ts';

/**
 * ESC, BEL, C1, marks that turn or hide text, ends of lines, and what programs that run CI take for a
 * command.
 */
const MARKS = '\u001b[2J\u001b]0;x\u0007\u009b31m\u202e\u2066\u2028\u200b\r##[error]x##vso[a]';
const LINES = `\n::error::x${MARKS}\n  ::add-mask::x`;
/** Of a domain; libvirt's drivers take any but for the end of a line. */
const NAME = `::error::${MARKS}`;

/** A path that settings and VM files may have. */
const ODD_PATH = `/srv/${MARKS.replaceAll(/\p{Cc}/gu, '')}`;

const ACTIVE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|##(?:vso)?\[|^\s*::[a-z][^\n]*::/imu;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plow-foreign-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

function attribute(text: string): string {
  return text.replaceAll('\n', ' ');
}

/** In every place of a document that anyone may have written. */
function hostile(xml: string): string {
  return xml
    .replaceAll('the web server', LINES)
    .replaceAll('"br0"', `"${attribute(LINES)}"`)
    .replaceAll('/images/my-vm/', `/images/${attribute(LINES)}/`)
    .replaceAll('"vnet3"', `"${attribute(LINES)}"`)
    .replaceAll('/dev/pts/3', attribute(LINES))
    .replace('<memory', `<odd x="${attribute(LINES)}">${LINES}</odd><memory`);
}

function hypervisor(): FakeHypervisor {
  const host = running();
  host.addDirectory('/var/lib/libvirt/images', 'a.qcow2');
  host.addDirectory(ODD_PATH);
  host.addDomain(NAME, hostile(ownDocument()), 'running');
  host.live.set(NAME, hostile(liveDocument()));
  const said = { ...seen('agent', '10.20.30.40'), interfaceName: LINES, mac: LINES, address: LINES };
  host.seen = [said];
  const interfaces = [...host.interfaces.values()];
  for (const one of interfaces) host.interfaces.set(LINES, { ...one, name: LINES });
  const domains = [NAME, LINES].map((name) => listed({ name, xml: hostile(ownDocument()), seen: [said] }));
  host.listDomains = listing(...domains).listDomains;
  return host;
}

/** All that a command prints, in a pipe or a terminal; and what it ends with. */
async function printed(argv: readonly string[], interactive: boolean): Promise<string> {
  const plain = fakeEnvironment(hypervisor());
  const environment = {
    ...plain,
    columns: interactive ? 200 : undefined,
    output: { ...plain.output, interactive },
  };
  const failed = await runCli(argv, environment).then(
    () => [],
    (error: unknown) => {
      if (error instanceof PlowError) return failureLines(error, true);
      throw error;
    },
  );
  return [...plain.stdout, ...plain.stderr, ...failed].join('\n');
}

const ALL_COLUMNS = 'name,state,address,seen,mac,bridge,disks,image,made,tags,description,directory,uuid';

describe('text of others', () => {
  it.each<[string, readonly string[], string?]>([
    ['the table of VMs', ['list', '--all'], 'error'],
    ['the wide table', ['list', '--all', '-o', 'wide'], 'error'],
    ['any columns', ['list', '--all', '--columns', ALL_COLUMNS], 'error'],
    ['a description first', ['list', '--all', '--columns', 'description,name'], 'error'],
    ['names', ['list', '--all', '-o', 'name'], String.raw`:\u{3a}error::\u{1b}`],
    ['comma-separated values', ['list', '--all', '-o', 'csv', '--columns', ALL_COLUMNS], String.raw`\u{1b}`],
    ['a list in JSON', ['list', '--all', '-o', 'json'], String.raw`\u001b`],
    ['a list in YAML', ['list', '--all', '-o', 'yaml'], String.raw`\e`],
    ['a VM', ['show', NAME], 'error'],
    ['a VM in JSON', ['show', NAME, '-o', 'json'], String.raw`\u001b`],
    ['a VM in YAML', ['show', NAME, '-o', 'yaml'], String.raw`\e`],
    ['a VM in XML', ['show', NAME, '--xml'], '&#x1b;'],
    ['a VM that there is not', ['show', `x${NAME}`], 'error'],
    ['no name of a VM', ['show', LINES], 'error'],
    ['a file of a VM', ['export', NAME], 'error'],
    ['the files of all', ['export', '--all', '-d', 'FOLDER/vms'], 'vms'],
    ['what was destroyed', ['destroy', NAME], 'error'],
    ['what was not', ['destroy', `x${NAME}`], 'error'],
    ['a host', ['doctor'], 'error'],
    ['a host in JSON', ['doctor', '-o', 'json'], 'error'],
    ['settings', ['--storage-path', ODD_PATH, 'config'], 'storage_path'],
    ['settings in JSON', ['--storage-path', ODD_PATH, 'config', '-o', 'json'], 'storage'],
    ['an option', ['list', `--x${LINES}`], 'there is no option'],
    ['a command', [`x${LINES}`], 'there is no command'],
    ['a filter', ['list', '--filter', `name${LINES}=x`], 'filter'],
    ['a column', ['list', '--columns', `name${LINES}`], 'column'],
    ['a file that is not there', ['create', `FOLDER/${NAME}`], 'no such file'],
    ['a file that is wrong', ['validate', 'FOLDER/wrong.yaml'], 'error'],
    ['a file that is wrong, in JSON', ['validate', '-o', 'json', 'FOLDER/wrong.yaml'], 'error'],
    ['a file with an odd name', ['validate', `FOLDER/odd${MARKS.replaceAll('\r', '')}.yaml`], 'odd'],
    ['a file that the hypervisor refuses', ['validate', '--on-host', 'FOLDER/bridge.yaml'], 'br9'],
    ['a dry run', ['create', '--dry-run', 'FOLDER/sound.yaml'], String.raw`\u{1b}]0;x\u{7}`],
    ['a dry run in JSON', ['create', '--dry-run', '-o', 'json', 'FOLDER/sound.yaml'], String.raw`\u001b]0;x`],
    [
      'what validate did not look at',
      ['--storage-path', ODD_PATH, 'validate', '--on-host', '--verbose', 'FOLDER/sound.yaml'],
      'was not looked at',
    ],
    [
      'what a dry run did not look at',
      ['--storage-path', ODD_PATH, 'create', '--dry-run', '--verbose', 'FOLDER/sound.yaml'],
      'was not looked at',
    ],
    ['a create', ['create', 'FOLDER/sound.yaml'], 'Successfully'],
  ])('in %s is made safe', async (_, argv, expected = '') => {
    const sound = SMALLEST.replace('my-vm', 'fresh').replace('/img/', '/var/lib/libvirt/images/');
    await writeFile(join(folder, 'user-data'), `#!/bin/sh\necho ${LINES}\n`);
    await writeFile(join(folder, 'sound.yaml'), `${sound}cloud_init: { user_data: user-data }\n`);
    await writeFile(join(folder, 'bridge.yaml'), sound.replace('br0', 'br9'));
    const wrong = `${JSON.stringify(`key${LINES}`)}: 1\ntags: [${JSON.stringify(LINES)}]\nname: ${JSON.stringify(NAME)}\n# ${MARKS}\n`;
    await writeFile(join(folder, 'wrong.yaml'), wrong);
    await writeFile(join(folder, `odd${MARKS.replaceAll('\r', '')}.yaml`), `${wrong}\nvcpus: ${MARKS}`);
    for (const interactive of argv[0] === 'destroy' || argv[1] === 'FOLDER/sound.yaml'
      ? [false]
      : [false, true]) {
      await rm(join(folder, 'vms'), { recursive: true, force: true });
      const words = argv.map((word) => word.replace('FOLDER', folder));
      const text = (await printed(words, interactive)).replaceAll(folder, '');
      expect(text).toContain(expected);
      expect(ACTIVE.exec(text)?.[0]).toBeUndefined();
    }
  });
});
