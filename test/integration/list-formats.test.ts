import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { mistakesOf } from './judge.ts';
import { useHost } from './support.ts';
import { vm } from './vms.ts';
import { pace } from '../pace.ts';

const host = useHost();
/** A bell, an escape of C1, and a mark that turns text. */
const HOSTILE = 'x\u009b31m\u202ey';

interface Listed {
  readonly version: number;
  readonly vms: readonly (Readonly<Record<string, unknown>> & {
    readonly name: string;
    readonly uuid: string;
  })[];
}

async function given(): Promise<void> {
  await host().given(vm({ name: 'web', tags: ['prod'], cloud_init: {} }));
  await host().foreignVm('define', { name: 'other' });
  await host().foreignVm('create --paused', {
    name: 'foreign',
    devices: `<interface type='bridge'><mac address='be:ef:0a:4d:00:40'/><source bridge='br1'/></interface>`,
  });
}

async function takeAway(): Promise<void> {
  await host().virsh('destroy foreign');
  await host().virsh('undefine other');
  await host().discard('web');
}

describe('plow list', () => {
  it('gives programs one document with all there is to tell, in JSON or YAML', async () => {
    await given();
    const json = await host().plow(['list', '--all', '-o', 'json']);
    expect(json).toMatchObject({ code: 0, stderr: '' });
    expect(await mistakesOf(json.stdout, 'list')).toBe('[]');
    const listed = JSON.parse(json.stdout) as Listed;
    const uuids = await Promise.all(listed.vms.map(({ name }) => host().virsh(`domuuid ${name}`)));
    expect(listed.vms.map(({ uuid }) => uuid)).toEqual(uuids);
    expect(listed).toMatchObject({
      version: 1,
      uri: 'qemu:///system',
      vms: [
        {
          name: 'foreign',
          state: 'paused',
          active: true,
          persistent: false,
          autostart: false,
          made_by_plow: false,
          addresses: { declared: [{ address: '10.77.0.64', prefix_length: null }], seen: [] },
          interfaces: [{ bridge: 'br1', mac: 'be:ef:0a:4d:00:40', tap: expect.stringMatching(/^vnet\d+$/u) }],
        },
        { name: 'other', state: 'shut off', persistent: true, current_memory_kib: null, cpu_seconds: null },
        {
          name: 'web',
          state: 'running',
          autostart: true,
          memory_kib: 1_048_576,
          made_by_plow: true,
          image: '/var/lib/libvirt/images/tiny.qcow2',
          disks: [{ target: 'vda', backing: ['/var/lib/libvirt/images/tiny.qcow2'] }, { device: 'cdrom' }],
          tags: ['prod'],
        },
      ],
    });
    const yaml = await host().plow(['list', '--all', '-o', 'yaml']);
    const again = parse(yaml.stdout) as Listed;
    expect(again.vms.map(({ name }) => name)).toEqual(['foreign', 'other', 'web']);
    await takeAway();
  });

  it('shows the columns, filters and order that are asked for', async () => {
    await given();
    const list = async (...argv: readonly string[]): Promise<string> =>
      (await host().plow(['list', '--all', ...argv])).stdout;
    expect(await list('-o', 'name')).toBe('foreign\nother\nweb\n');
    expect(await list('-o', 'name', '--sort', '-memory', '--filter', 'name=*e*')).toBe(
      'web\nforeign\nother\n',
    );
    expect(await list('--columns', 'name,bridge,made', '--filter', 'bridge=br*', '--no-headers')).toBe(
      'foreign    br1  -\nweb        br0  plow 0.1.0\n',
    );
    expect(await list('-o', 'csv', '--columns', 'name,state,autostart,persistent')).toBe(
      'name,state,autostart,persistent\nforeign,paused,no,no\nother,shut off,no,yes\nweb,running,yes,yes\n',
    );
    expect(await list('-o', 'wide', '--filter', 'tag=prod')).toMatch(
      /^web .* 10\.77\.0\.\d+ .* plow 0\.1\.0 .* just now /mu,
    );
    const stopped = await host().plow(['list', '-o', 'name', '--filter', 'state=shut off']);
    expect(stopped.stdout).toBe('other\n');
    await takeAway();
  });

  it('keeps what a foreign name holds in documents, and lets no terminal act on it', async () => {
    await host().foreignVm('define', { name: HOSTILE });
    const { stdout } = await host().plow(['list', '--all', '-o', 'json']);
    expect(stdout).not.toMatch(/[\u0080-\u009f\u202e]/u);
    expect((JSON.parse(stdout) as Listed).vms).toMatchObject([{ name: HOSTILE }]);
    const table = await host().plow(['list', '--all']);
    expect(table.stdout).toContain('x\u{fffd}31m\u{fffd}y');
    await host().virsh(`undefine '${HOSTILE}'`);
  });

  it('fits the table into a terminal of 60 columns, and nothing into a pipe', async () => {
    const name = 'a-name-that-nobody-would-want-to-type-every-day';
    await host().foreignVm('define', { name });
    const command = '"$@" list --all';
    const terminal = await host().plowInShell(
      `NO_COLOR=1 script -qec "stty cols 60; $(printf '%q ' "$@") list --all" /dev/null < /dev/null`,
    );
    const lines = terminal.stdout.replaceAll('\r', '').trimEnd().split('\n');
    expect(lines).toEqual([
      'NAME                                             STATE',
      `${name}  shut off`,
      'left out, as the terminal is too narrow: VCPUS, MEMORY, IP ADDRESS (--no-trunc shows all)',
    ]);
    expect((await host().plowInShell(command)).stdout).toContain(name);
    await host().virsh(`undefine ${name}`);
  });

  it.each([
    ['in a terminal', '', '', true],
    ['in a terminal with NO_COLOR', 'NO_COLOR=1', '', false],
    ['in a terminal with --color never', '', '--color never', false],
    ['in a terminal with NO_COLOR and --color always', 'NO_COLOR=1', '--color always', true],
  ])('%s: colours %s%s', async (_title, variable, flag, isPainted) => {
    await host().foreignVm('define', { name: 'other' });
    const { stdout } = await host().plowInShell(
      `${variable} script -qec "$(printf '%q ' "$@") ${flag} list --all" /dev/null < /dev/null`,
    );
    expect(stdout.includes('\u001b[2mshut off\u001b[22m')).toBe(isPainted);
    const piped = await host().plow([...flag.split(' ').filter(Boolean), 'list', '--all']);
    expect(piped.stdout.includes('\u001b')).toBe(flag === '--color always');
    await host().virsh('undefine other');
  });

  it('waits for no QEMU: one that is frozen costs nobody anything', async () => {
    await given();
    await host().sh('kill -STOP "$(cat /run/libvirt/qemu/foreign.pid)"');
    const started = performance.now();
    const { code, stdout } = await host().plow(['list', '--all', '-o', 'json']);
    expect(performance.now() - started).toBeLessThan(5000 * pace());
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as Listed).vms).toHaveLength(3);
    await host().sh('kill -CONT "$(cat /run/libvirt/qemu/foreign.pid)"');
    await takeAway();
  });
});
