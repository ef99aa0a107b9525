import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { PLOW, useHost } from './support.ts';
import { IMAGES } from './vms.ts';

const host = useHost();
const DRIVER = fileURLToPath(new URL('on-terminal.py', import.meta.url));
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFkxqUAx/DvOPYTG6LAzigjQ0vt+WKGRdef1aYw3yEEA';
const COLUMNS = 60;
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const ESCAPE = '\u001b';
const COLOUR = /\p{Cc}\[[0-9;]*m/u;

interface Told {
  readonly code: number;
  readonly shown: string;
  readonly written: string;
  readonly restored: boolean;
}

type Step = readonly [string, ...(string | number)[]];

function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}

/** A shell in a directory of its own, with a home that has one key, whose comment would clear the screen. */
const setting = (variables = ''): string =>
  `cd ${host().files}/vms; export HOME=${host().files}/home SSH_AUTH_SOCK= TERM=xterm ${variables};`;

/** plow with nobody at a terminal. */
function inPipe(...words: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return host().exec(['sh', '-c', `${setting()} ${quoted([...PLOW, ...words])}`]);
}

async function onTerminal(steps: readonly Step[], words: readonly string[], variables = ''): Promise<Told> {
  const program = `stty cols ${COLUMNS} rows 24; ${setting(variables)} exec ${quoted([...PLOW, ...words])}`;
  const argv = ['python3', DRIVER, JSON.stringify(steps), 'sh', '-c', program];
  return JSON.parse(await host().sh(quoted(argv))) as Told;
}

/** Enter at each question from the image on. */
const ENTER: readonly Step[] = [
  'Image',
  'Bridge',
  'IP address',
  'Gateway',
  'DNS servers',
  'Virtual CPUs',
  'Memory',
  'Boot disk',
  'Who logs in',
  'Key that logs in',
].flatMap((words): readonly Step[] => [
  ['see', words],
  ['type', '\r'],
]);

const files = (): Promise<string> => host().sh(`ls ${host().files}/vms`);

beforeAll(async () => {
  const home = `${host().files}/home/.ssh`;
  await host().sh(`mkdir -p ${host().files}/vms ${home}; cat > ${home}/a.pub`, `${KEY} \u001b[2Jme\n`);
});

describe('plow new', () => {
  it('makes a file of flags alone, asking nobody, which plow takes and makes', async () => {
    const nobody = ['-c', 'qemu+unix:///system?socket=/nosuch'];
    const flags = {
      '--image': `${IMAGES}/tiny.qcow2`,
      '--bridge': 'br0',
      '--ip': '10.77.0.60/24',
      '--gateway': '10.77.0.1',
      '--disk': '1',
      '--memory': '1',
      '--key': '~/.ssh/a.pub',
    };
    await host().sh(`echo '${KEY} me: #x' > ${host().files}/home/own.pub`);
    const words = Object.entries({ ...flags, '--key': '~/own.pub' }).flat();
    const made = await inPipe(...nobody, 'new', 'made', ...words);
    expect(made).toMatchObject({ code: 0, stdout: 'made.yaml\n' });
    const text = await readFile(`${host().files}/vms/made.yaml`, 'utf8');
    expect(text).toContain(`    - "${KEY} me: #x"\n`);
    expect(text).toContain('# Who may log in as root.');
    expect(await inPipe('validate', 'made.yaml')).toMatchObject({ code: 0 });
    expect(await inPipe('create', 'made.yaml')).toMatchObject({ code: 0 });
    expect((await inPipe('show', 'made')).stdout).toContain('10.77.0.60');
    const again = await inPipe('new', 'made', ...words);
    expect(again.code).toBe(1);
    expect(again.stderr).toBe('error: made.yaml is there already; --force overwrites it\n');
    await host().sh(`rm ${host().files}/vms/*`);
    await host().plow(['destroy', '--force', 'made']);
  });

  it('knows without a hypervisor that an image is one of Ignition', async () => {
    const words = [
      '--image',
      'flatcar-stable',
      '--bridge',
      'br0',
      '--ip',
      '10.77.0.60/24',
      '--gateway',
      '10.77.0.1',
    ];
    const { code, stdout } = await inPipe('new', 'web', ...words, '--key', 'none', '-f', '-');
    expect(code).toBe(0);
    expect(stdout).toContain('provisioning: {}');
    expect(stdout).toContain('# No ssh keys: nobody logs in with one.');
  });

  it('in a pipe says at once which flags lack and which are wrong', async () => {
    const { code, stdout, stderr } = await inPipe('new', 'w b', '--ip', '10.0.0.0/24', '--memory', 'x');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('error: --name must start and end with');
    expect(stderr).toContain('error: --ip 10.0.0.0 is the network address');
    expect(stderr).toContain('error: --memory expected a whole number');
    expect(stderr).toContain('error: plow new wants --image, --bridge, --gateway, --key\n');
    expect(await files()).toBe('');
  });

  it('with --yes takes what the hypervisor and the home offer', async () => {
    const { code, stdout } = await inPipe('new', '--yes', '--file', '-', 'web');
    expect(code).toBe(0);
    expect(stdout).toContain('ip: 10.77.0.2/24');
    expect(stdout).toContain('bridge: br0');
    expect(stdout).toContain(`- ${KEY}\n`);
    expect(stdout).toContain('# A guess: the first address of the subnet.');
    expect(await files()).toBe('');
  });

  it('asks in a narrow terminal, judges at once, and writes what it has shown', async () => {
    const steps: readonly Step[] = [
      ['see', 'Name of the VM'],
      ['type', 'no!\r'],
      ['see', 'must start and end with'],
      ['type', '\u0015db\r'],
      ...ENTER.slice(0, 2),
      ['see', 'Bridge'],
      // Down to br1, and back up.
      ['type', `${ESCAPE}[B`],
      ['see', '10.78.0.0/24'],
      ['type', `${ESCAPE}[A`],
      ['see', '10.77.0.0/24'],
      ['type', '\r'],
      ...ENTER.slice(4),
      ['see', 'Write db.yaml?'],
      ['type', '\r'],
      ['end'],
    ];
    const { code, restored, written } = await onTerminal(steps, ['new']);
    expect([code, restored]).toEqual([0, true]);
    expect(written).toMatch(COLOUR);
    expect(written).not.toContain(`${ESCAPE}[2J`);
    expect(written).toContain('next: plow create db.yaml');
    expect(await inPipe('validate', 'db.yaml')).toMatchObject({ code: 0 });
    await host().sh(`rm ${host().files}/vms/db.yaml`);
  });

  it('has no colours with NO_COLOR', async () => {
    const steps: readonly Step[] = [...ENTER, ['see', 'Write web.yaml?'], ['type', 'n'], ['end']];
    const { code, restored, written } = await onTerminal(steps, ['new', 'web'], 'NO_COLOR=1');
    expect([code, restored]).toEqual([1, true]);
    expect(written).not.toMatch(COLOUR);
    expect(written).toContain('nothing was written');
    expect(await files()).toBe('');
  });

  it.each([
    ['Ctrl-C', ['type', CTRL_C], 130],
    ['Ctrl-D', ['type', CTRL_D], 130],
    ['SIGTERM', ['signal', 'SIGTERM'], 143],
  ] as const)('%s writes nothing, and gives the terminal back', async (_, leave, wanted) => {
    const steps: readonly Step[] = [...ENTER.slice(0, 4), ['see', 'IP address'], ['raw'], leave, ['end']];
    const { code, restored, shown } = await onTerminal(steps, ['new', 'web']);
    expect([code, restored]).toEqual([wanted, true]);
    expect(shown).toContain('nothing was written');
    expect(await files()).toBe('');
  });

  it('goes on without the offers of a hypervisor that cannot be reached', async () => {
    const steps: readonly Step[] = [
      ['see', 'note: the hypervisor offers nothing'],
      ['see', 'Bridge'],
      ['type', 'br7\r'],
      ['see', 'IP address'],
      ['type', '10.1.0.7/24\r'],
      ...ENTER.slice(6),
      ['see', 'Write web.yaml?'],
      ['type', '\r'],
      ['end'],
    ];
    const words = ['-c', 'qemu+unix:///system?socket=/nosuch', 'new', 'web', '--image', 'debian-12'];
    const { code, restored } = await onTerminal(steps, words);
    expect([code, restored]).toEqual([0, true]);
    const text = await host().sh(`cat ${host().files}/vms/web.yaml`);
    expect(text).toContain('bridge: br7');
    expect(text).toContain('gateway: 10.1.0.1');
    await host().sh(`rm ${host().files}/vms/web.yaml`);
  });
});
