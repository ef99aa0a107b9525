import { describe, expect, it } from 'vitest';
import type { ExecOptions, Finished } from '../lab/lab.ts';
import { PLOW, useHost } from './support.ts';
import { created, IMAGES, vm } from './vms.ts';

const host = useHost();

const ESC = '\u001B';
const NOWHERE = 'qemu+unix:///system?socket=/no/such';
const SYSTEM = 'qemu:///system';

/** Runs plow in a terminal; both its streams come back as one, as a person sees them. */
function inTerminal(
  argv: readonly string[],
  { env = {}, columns = 80 }: { env?: ExecOptions['env']; columns?: number } = {},
): Promise<Finished> {
  const command = `stty columns ${columns}; ${[...PLOW, ...argv].join(' ')}`;
  return host().exec(['script', '--quiet', '--return', '--command', command, '/dev/null'], {
    env: { TERM: 'xterm-256color', ...env },
  });
}

describe('the output', () => {
  it('in a terminal spins for the step under way and leaves coloured lines', async () => {
    const file = await host().write(vm({ cloud_init: {} }));
    const { code, stdout } = await inTerminal(['create', file]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/u);
    expect(stdout).toContain('Starting the VM');
    expect(stdout).toContain(`${ESC}[32m✓${ESC}[39m VM started`);
    expect(stdout).toContain(`${ESC}[1mSuccessfully created VM 'web'${ESC}[22m`);
    // The cursor that ora hides is shown again.
    expect(stdout.lastIndexOf(`${ESC}[?25h`)).toBeGreaterThan(stdout.lastIndexOf(`${ESC}[?25l`));
    await host().discard('web');
  });

  it('in a terminal with NO_COLOR has no colours', async () => {
    const file = await host().write(vm());
    const { code, stdout } = await inTerminal(['create', file], { env: { NO_COLOR: '1' } });
    expect(code).toBe(0);
    expect(stdout).toContain('✓ VM started');
    // Select Graphic Rendition, what colours are made of: ECMA-48 8.3.117.
    expect(stdout).not.toMatch(new RegExp(`${ESC}\\[[\\d;]*m`, 'u'));
    await host().discard('web');
  });

  it.each([
    ['dumb', { env: { TERM: 'dumb' } }],
    ['of unknown width', { columns: 0 }],
  ])('in a terminal that is %s is plain lines', async (_, terminal) => {
    const file = await host().write(vm());
    const { stdout } = await inTerminal(['create', file], terminal);
    expect(stdout.replaceAll('\r', '')).toBe(created('web'));
    await host().discard('web');
  });

  it('in a pipe is plain lines, whatever the terminal', async () => {
    const file = await host().write(vm());
    const made = await host().plow(['create', file], { TERM: 'xterm-256color', COLORTERM: 'truecolor' });
    expect(made).toEqual({ code: 0, stdout: created('web'), stderr: '' });
    await host().discard('web');
  });

  it('with --verbose shows each call of libvirt, and its own words for an error', async () => {
    const listed = await host().plow(['--verbose', 'list']);
    expect(listed.stdout).toBe('NAME       STATE     VCPUS  MEMORY  IP ADDRESS\n');
    expect(listed.stderr).toMatch(/^libvirt: \d\d:\d\d:\d\d\.\d{3} virConnectOpen \d+\.\d ms$/mu);
    expect(listed.stderr).toMatch(/^libvirt: \S+ virConnectListAllDomains \d+\.\d ms$/mu);
    const { code, stderr } = await host().plow(['list', '--verbose', '-c', NOWHERE]);
    expect(code).toBe(3);
    expect(stderr).toContain(
      "detail: virConnectOpen: Failed to connect socket to '/no/such': No such file or directory [code 38, domain 7]\n",
    );
    const quiet = await host().plow(['list', '-c', NOWHERE]);
    expect(quiet.stderr).toContain(
      "\ndetail: Failed to connect socket to '/no/such': No such file or directory\n",
    );
  });
});

describe('the hypervisor', () => {
  it.each([
    ['--connect before PLOW_CONNECT', ['-c', SYSTEM], { PLOW_CONNECT: NOWHERE }, 0],
    ['--connect after the command', ['--connect', SYSTEM], { PLOW_CONNECT: NOWHERE }, 0],
    [
      'PLOW_CONNECT before LIBVIRT_DEFAULT_URI',
      [],
      { PLOW_CONNECT: SYSTEM, LIBVIRT_DEFAULT_URI: NOWHERE },
      0,
    ],
    ['PLOW_CONNECT', [], { PLOW_CONNECT: NOWHERE }, 3],
    ['LIBVIRT_DEFAULT_URI', [], { LIBVIRT_DEFAULT_URI: NOWHERE }, 3],
    ['an empty variable is none', [], { PLOW_CONNECT: '', LIBVIRT_DEFAULT_URI: '' }, 0],
  ])('is taken from %s', async (_, flags, env, code) => {
    expect(await host().plow(['list', ...flags], env)).toMatchObject({ code });
  });
});

describe('the storage path', () => {
  it.each([
    ['--storage-path', ['--storage-path', `${IMAGES}/flag`], {}, 'flag'],
    ['PLOW_STORAGE_PATH', [], { PLOW_STORAGE_PATH: `${IMAGES}/variable/` }, 'variable'],
    [
      '--storage-path before PLOW_STORAGE_PATH',
      ['--storage-path', `${IMAGES}/flag`],
      { PLOW_STORAGE_PATH: `${IMAGES}/variable` },
      'flag',
    ],
  ])('is taken from %s, and destroy knows it from the VM', async (_, flags, env, directory) => {
    await host().sh(`cd ${IMAGES}; mkdir -m 0711 flag variable`);
    const file = await host().write(vm());
    const made = await host().plow([...flags, 'create', file], env);
    expect(made).toEqual({ code: 0, stdout: created('web'), stderr: '' });
    expect(await host().virsh('domblklist web')).toMatch(
      new RegExp(` ${IMAGES}/${directory}/web/boot\\.qcow2$`, 'u'),
    );
    await host().discard('web');
    await host().sh(`cd ${IMAGES}; rmdir flag variable`);
  });
});
