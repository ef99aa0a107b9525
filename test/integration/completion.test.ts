import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { PLOW, useHost } from './support.ts';

const host = useHost();
/** A shell would run it, if it were not in quotes. */
const EVIL = 'e$(touch executed)';
/** A completion script might take it for an order to offer files. */
const DEVIOUS = ':files `touch${IFS}executed`';
const SHELLS = {
  bash: { run: 'bash --norc -i', load: 'source ./plow.bash' },
  zsh: { run: 'zsh -f -i', load: 'autoload -Uz compinit; compinit -u; source ./plow.zsh' },
  fish: { run: 'fish --no-config -i', load: 'source ./plow.fish' },
} as const;
type ShellName = keyof typeof SHELLS;

const TYPE_INTO = fileURLToPath(new URL('type-into.py', import.meta.url));

/** As plow, and says in a file when an answer to a tab is given, and whether anything was in it. */
const WITNESSED = `#!/bin/sh
[ "$1" = __complete ] || exec ${PLOW.join(' ')} "$@"
answer=$(${PLOW.join(' ')} "$@"; echo .)
printf %s "\${answer%.}"
[ "$answer" = . ] && echo nothing >> answers || echo names >> answers
`;

/** On a machine that is busy a tab may have to be pressed again and again. */
const SLOW_MS = 180_000;

let directory: string;

beforeAll(async () => {
  directory = join(host().files, 'completion');
  await mkdir(join(directory, 'vms'), { recursive: true });
  await writeFile(join(directory, 'plow'), WITNESSED, { mode: 0o755 });
  await writeFile(
    join(directory, 'hosts.yml'),
    'hosts: { h1: { connect: "qemu:///system" }, hv2: { connect: "qemu:///system" } }\n',
  );
  for (const file of ['simple.yaml', 'simple.txt', 'two words.yaml', 'vms/other.yml'])
    await writeFile(join(directory, file), '');
  for (const shell of Object.keys(SHELLS)) {
    const { stdout } = await host().plow(['completion', shell]);
    await writeFile(join(directory, `plow.${shell}`), stdout);
  }
});

/** What stands on the command line when a person has typed each of these into a shell in a terminal. */
async function typed(shell: ShellName, ...lines: readonly string[]): Promise<readonly string[]> {
  const { run, load } = SHELLS[shell];
  const { stdout, stderr } = await host().exec([
    'sh',
    '-c',
    `cd ${directory}; : > answers
    export PATH="$PWD:$PATH" HOME=$PWD TERM=dumb; exec /usr/bin/python3 ${TYPE_INTO} "$@"`,
    'sh',
    run,
    load,
    'answers',
    ...lines,
  ]);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as string[];
}

const CASES = [
  ['plow des\t', '<plow><destroy>'],
  ['plow list --no-h\t', '<plow><list><--no-headers>'],
  ['plow list -o ya\t', '<plow><list><-o><yaml>'],
  ['plow list --filter state=runn\t', '<plow><list><--filter><state=running>'],
  ['plow list --filter tag\tx', '<plow><list><--filter><tag=x>'],
  ['plow create sim\t', '<plow><create><simple.yaml>'],
  ['plow create vms/\t', '<plow><create><vms/other.yml>'],
  ['plow create "vms/o\t', '<plow><create><vms/other.yml>'],
  [String.raw`plow create two\ w` + '\t', '<plow><create><two words.yaml>'],
  ['plow --config=sim\t', '<plow><--config=simple.yaml>'],
  ['plow list --filter "state=shut\t', '<plow><list><--filter><state=shut off>'],
] as const;

describe.each(['bash', 'zsh', 'fish'] as const)('completion in %s', (shell) => {
  it(
    'completes commands, options, their values, and files, also in the home directory',
    { timeout: SLOW_MS },
    async () => {
      const lines = [...CASES.map(([keys]) => keys), 'plow create ~/v\to\t'];
      const wanted = [...CASES.map(([, words]) => words), `<plow><create><${directory}/vms/other.yml>`];
      expect(await typed(shell, ...lines)).toEqual(wanted);
    },
  );

  it('has the names of VMs, understands quotes, and executes no name', { timeout: SLOW_MS }, async () => {
    await host().foreignVm('define', { name: 'webserver' });
    await host().foreignVm('define', { name: EVIL });
    const evil = `<plow><destroy><${EVIL}>`;
    expect(
      await typed(
        shell,
        'plow destroy we\t',
        'plow destroy e\t',
        `plow destroy 'e\t`,
        'plow destroy "e\t',
        'plow -c "qemu:///system" destroy we\t',
        'plow --config hosts.yml destroy hv\twe\t',
        'plow --config hosts.yml list --host h1,hv\t',
      ),
    ).toEqual([
      '<plow><destroy><webserver>',
      evil,
      evil,
      evil,
      '<plow><-c><qemu:///system><destroy><webserver>',
      '<plow><--config><hosts.yml><destroy><hv2:webserver>',
      '<plow><--config><hosts.yml><list><--host><h1,hv2>',
    ]);
    await host().virsh('undefine webserver');
    await host().virsh(`undefine '${EVIL}'`);
    await host().foreignVm('define', { name: DEVIOUS });
    expect(await typed(shell, 'plow destroy \t')).toEqual([`<plow><destroy><${DEVIOUS}>`]);
    expect(await host().sh(`ls ${directory}`)).not.toContain('executed');
    await host().virsh(`undefine '${DEVIOUS}'`);
  });
});

async function milliseconds(argv: readonly string[]): Promise<number> {
  const { stdout } = await host().exec([
    'env',
    '-u',
    'NODE_EXTRA_CA_CERTS',
    'bash',
    '-c',
    'started=$(date +%s%N); "$@" > /dev/null; echo $((($(date +%s%N) - started) / 1000))',
    'bash',
    ...argv,
  ]);
  return Number(stdout) / 1000;
}

/** The quickest of five runs each, in turns, so that what else a machine does slows all of them. */
async function quickest(...programs: readonly (readonly string[])[]): Promise<readonly number[]> {
  const best = programs.map(() => Infinity);
  for (let round = 0; round < 5; round += 1)
    for (const [index, argv] of programs.entries())
      best[index] = Math.min(best[index] ?? Infinity, await milliseconds(argv));
  return best;
}

/** VMs that are offered, whose names begin with `we`. @param words typed before the command */
const names = async (...words: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await host().plow(['__complete', '--', ...words, 'destroy', 'we']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};

describe('the answer to a completion script', () => {
  it('comes in a tenth of a second', { timeout: SLOW_MS }, async () => {
    await host().foreignVm('define', { name: 'webserver' });
    const [commands, vms, node] = await quickest(
      [...PLOW, '__complete', '--', ''],
      [...PLOW, '__complete', '--', 'destroy', 'we'],
      [process.execPath, '-e', '0'],
    );
    console.log(`completion: commands in ${commands} ms, names of VMs in ${vms} ms, node -e 0 in ${node} ms`);
    // A machine that does other things as well is slow to start node, too.
    const limit = 100 * Math.max(1, (node ?? 0) / 20);
    expect(commands).toBeLessThan(1.5 * limit);
    expect(vms).toBeLessThan(2 * limit);
    await host().virsh('undefine webserver');
  });

  it(
    'has no names of a libvirtd that hangs or is not there, and waits for none',
    { timeout: SLOW_MS },
    async () => {
      await host().foreignVm('define', { name: 'webserver' });
      await expect.poll(() => names(), { timeout: SLOW_MS / 2 }).toBe('webserver\n');
      expect(await names('-c', 'qemu+unix:///system?socket=/nosuch')).toBe('');
      await host().libvirtd('freeze');
      const started = performance.now();
      const ofFrozen = await names();
      const seconds = (performance.now() - started) / 1000;
      await host().libvirtd('thaw');
      expect(ofFrozen).toBe('');
      // A command gives such a libvirtd up after 10 seconds.
      expect(seconds).toBeLessThan(8);
      await host().libvirtd('stop');
      await host().sh('while [ -e /run/libvirt/libvirt-sock ]; do sleep 0.02; done');
      expect(await names()).toBe('');
      await host().libvirtd('start');
      await host().virsh('undefine webserver');
    },
  );
});
