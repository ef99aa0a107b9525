import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PLOW, useHost } from './support.ts';

const host = useHost();
/** A shell would run it, if it were not in quotes. */
const EVIL = 'e$(touch executed)';
/** A completion script might take it for an order to offer files. */
const DEVIOUS = ':files `touch${IFS}executed`';
const SHELLS = {
  bash: { run: 'bash --norc -i', load: 'source ./plow.bash' },
  zsh: { run: 'zsh -f -i', load: 'PS1=\\$; autoload -Uz compinit; compinit -u; source ./plow.zsh' },
  fish: { run: 'fish --no-config -i', load: 'source ./plow.fish' },
} as const;

let directory: string;

beforeAll(async () => {
  directory = join(host().files, 'completion');
  await mkdir(join(directory, 'vms'), { recursive: true });
  await writeFile(join(directory, 'plow'), `#!/bin/sh\nexec ${PLOW.join(' ')} "$@"\n`, { mode: 0o755 });
  for (const file of ['simple.yaml', 'simple.txt', 'two words.yaml', 'vms/other.yml'])
    await writeFile(join(directory, file), '');
  for (const shell of Object.keys(SHELLS)) {
    const { stdout } = await host().plow(['completion', shell]);
    await writeFile(join(directory, `plow.${shell}`), stdout);
  }
});

/** What stands on the command line when a person has typed `keys` into a shell in a terminal. */
async function typed(shell: keyof typeof SHELLS, keys: string): Promise<string | undefined> {
  const { run, load } = SHELLS[shell];
  // Ctrl-A goes to the beginning of the line, where echo turns it into words.
  const { stdout } = await host().exec([
    'bash',
    '-c',
    `cd ${directory}; export PATH="$PWD:$PATH" HOME=$PWD TERM=dumb
    { sleep 0.7; printf '%s\\r' "$1"; sleep 0.7; printf "$2"; sleep 1.5; printf '\\001printf "<%%s>" LINE '; sleep 0.2; printf '\\r'; sleep 0.4; printf '\\003exit\\r'; } |
      timeout 30 script -qec "stty cols 200; ${run}" /dev/null`,
    'bash',
    load,
    keys,
  ]);
  return /<LINE>(?<words>(?:<[^>\r\n]*>)+)/u.exec(stdout)?.groups?.['words'];
}

/** On a machine that is busy a hypervisor may take longer than a person would wait for. */
async function expectSoon(shell: keyof typeof SHELLS, keys: string, words: string): Promise<void> {
  await expect.poll(() => typed(shell, keys), { timeout: 50_000, interval: 500 }).toBe(words);
}

const CASES = [
  ['plow des\\t', '<plow><destroy>'],
  ['plow list --no-h\\t', '<plow><list><--no-headers>'],
  ['plow list -o ya\\t', '<plow><list><-o><yaml>'],
  ['plow list --filter state=runn\\t', '<plow><list><--filter><state=running>'],
  ['plow list --filter tag\\tx', '<plow><list><--filter><tag=x>'],
  ['plow create sim\\t', '<plow><create><simple.yaml>'],
  ['plow create vms/\\t', '<plow><create><vms/other.yml>'],
  ['plow create "vms/o\\t', '<plow><create><vms/other.yml>'],
  ['plow create two\\\\ w\\t', '<plow><create><two words.yaml>'],
  ['plow --config=sim\\t', '<plow><--config=simple.yaml>'],
  ['plow list --filter "state=shut\\t', '<plow><list><--filter><state=shut off>'],
] as const;

describe.each(['bash', 'zsh', 'fish'] as const)('completion in %s', (shell) => {
  it('completes commands, options, their values, and files', async () => {
    const lines = await Promise.all(CASES.map(async ([keys]) => [keys, await typed(shell, keys)]));
    expect(lines).toEqual(CASES);
  });

  it('completes paths in the home directory', async () => {
    expect(await typed(shell, 'plow create ~/v\\to\\t')).toBe(`<plow><create><${directory}/vms/other.yml>`);
  });

  it('has the names of VMs, and executes none', async () => {
    await host().foreignVm('define', { name: 'webserver' });
    await host().foreignVm('define', { name: EVIL });
    await expectSoon(shell, 'plow destroy we\\t', '<plow><destroy><webserver>');
    await expectSoon(shell, 'plow destroy e\\t', `<plow><destroy><${EVIL}>`);
    await host().virsh('undefine webserver');
    await host().virsh(`undefine '${EVIL}'`);
    await host().foreignVm('define', { name: DEVIOUS });
    await expectSoon(shell, 'plow destroy \\t', `<plow><destroy><${DEVIOUS}>`);
    expect(await host().sh(`ls ${directory}`)).not.toContain('executed');
    await host().virsh(`undefine '${DEVIOUS}'`);
  });

  it('understands quotes', async () => {
    await host().foreignVm('define', { name: 'webserver' });
    await host().foreignVm('define', { name: EVIL });
    for (const quote of [`'`, '"'])
      await expectSoon(shell, `plow destroy ${quote}e\\t`, `<plow><destroy><${EVIL}>`);
    await expectSoon(
      shell,
      'plow -c "qemu:///system" destroy we\\t',
      '<plow><-c><qemu:///system><destroy><webserver>',
    );
    expect(await host().sh(`ls ${directory}`)).not.toContain('executed');
    await host().virsh('undefine webserver');
    await host().virsh(`undefine '${EVIL}'`);
  });
});

/** Median of seven runs, in milliseconds. */
async function milliseconds(...argv: readonly string[]): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 7; round += 1) {
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
    times.push(Number(stdout) / 1000);
  }
  return times.toSorted((a, b) => a - b)[3] ?? Infinity;
}

describe('the answer to a completion script', () => {
  it('comes in a tenth of a second', async () => {
    await host().foreignVm('define', { name: 'webserver' });
    const times = {
      commands: await milliseconds(...PLOW, '__complete', '--', ''),
      vms: await milliseconds(...PLOW, '__complete', '--', 'destroy', 'we'),
      node: await milliseconds(process.execPath, '-e', '0'),
    };
    console.log(
      `completion: commands in ${times.commands} ms, names of VMs in ${times.vms} ms, node -e 0 in ${times.node} ms`,
    );
    // A machine that does other things as well is slow to start node, too.
    const limit = 100 * Math.max(1, times.node / 20);
    expect(times.commands).toBeLessThan(1.5 * limit);
    expect(times.vms).toBeLessThan(2 * limit);
    expect((await host().plow(['__complete', '--', 'destroy', 'we'])).stdout).toMatch(/^(?:webserver\n)?$/u);
    await host().virsh('undefine webserver');
  });

  it('does not wait for a libvirtd that hangs', async () => {
    await host().libvirtd('freeze');
    const started = performance.now();
    const answer = await host().plow(['__complete', '--', 'destroy', '']);
    const seconds = (performance.now() - started) / 1000;
    await host().libvirtd('thaw');
    expect(answer).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(seconds).toBeLessThan(2);
  });

  it('is empty where there is no libvirtd', async () => {
    const answer = await host().plow([
      '-c',
      'qemu+unix:///system?socket=/nosuch',
      '__complete',
      '--',
      'destroy',
      '',
    ]);
    expect(answer).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});
