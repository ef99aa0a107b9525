import { describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();

/** A VM of another tool, paused from its first instruction on. */
function startForeign(name: string, mac: string): Promise<void> {
  const devices = `<interface type='bridge'><mac address='${mac}'/><source bridge='br1'/></interface>`;
  return host().foreignVm('create --paused', { name, devices });
}

function lines(...rows: readonly string[]): string {
  return `${['NAME       STATE     VCPUS  MEMORY  IP ADDRESS', ...rows].join('\n')}\n`;
}

function networkAt(ip: string): object {
  return { network_interfaces: [{ ip: `${ip}/24`, gateway: '10.77.0.1', bridge: 'br0' }] };
}

describe('plow list', () => {
  it('shows the VMs that run, with --all the others too, made by plow or not', async () => {
    await host().given(vm({ name: 'my-vm', ...networkAt('10.77.0.61') }));
    await host().given(vm({ name: 'b-paused', vcpus: 4, ...networkAt('10.77.0.62') }));
    await host().given(vm({ name: 'c-off', memory_gib: 2, ...networkAt('10.77.0.63') }));
    await host().virsh('suspend b-paused');
    await host().virsh('destroy c-off');
    await startForeign('d-ours', 'be:ef:0a:4d:00:40');
    await startForeign('a-other', '52:54:00:12:34:56');
    const running = [
      'a-other    paused    2      64 MiB  -',
      'b-paused   paused    4      1 GiB   10.77.0.62',
      'd-ours     paused    2      64 MiB  10.77.0.64',
      'my-vm      running   1      1 GiB   10.77.0.61',
    ];
    const off = 'c-off      shut off  1      2 GiB   -';
    expect(await host().plow(['list'])).toEqual({ code: 0, stdout: lines(...running), stderr: '' });
    expect(await host().plow(['list', '--all'])).toEqual({
      code: 0,
      stdout: lines(...[...running, off].toSorted()),
      stderr: '',
    });
    await host().sh('for vm in my-vm b-paused a-other d-ours; do virsh -q destroy $vm; done');
    for (const name of ['my-vm', 'b-paused', 'c-off']) {
      expect(await host().plow(['destroy', name])).toMatchObject({ code: 0, stderr: '' });
    }
  });

  it("shows a VM as it is now: no address of an interface that is gone, and libvirt's description", async () => {
    await host().given(vm({ name: 'former', description: 'as made', ...networkAt('10.77.0.64') }));
    await host().virsh('detach-interface former bridge --config');
    await host().virsh('destroy former');
    await host().virsh('start former');
    await host().virsh(`desc former --live 'changed since'`);
    await startForeign('heir', 'be:ef:0a:4d:00:40');
    const [former, heir] = [
      'former     running   1      1 GiB   -',
      'heir       paused    2      64 MiB  10.77.0.64',
    ];
    expect((await host().plow(['list'])).stdout).toBe(lines(former, heir));
    const columns = ['--columns', 'name,address,declared,mac,description'];
    expect((await host().plow(['list', '-o', 'csv', ...columns])).stdout).toBe(
      `${columns[1]}\nformer,,,,changed since\nheir,10.77.0.64,10.77.0.64,be:ef:0a:4d:00:40,\n`,
    );
    const json = await host().plow(['list', '--filter', 'name=former', '-o', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      vms: [{ description: 'changed since', addresses: { declared: [] }, interfaces: [] }],
    });
    await host().virsh('destroy heir');
    await host().discard('former');
  });

  it('tells of VMs that are off which of their files are not there', async () => {
    await host().given(vm({ name: 'lost', ...networkAt('10.77.0.65') }));
    await host().given(vm({ name: 'whole', ...networkAt('10.77.0.66') }));
    await host().virsh('destroy whole');
    expect((await host().plow(['list', '--all', '-o', 'wide'])).stdout).not.toContain('missing');
    await host().virsh('destroy lost');
    await host().sh(`rm ${IMAGES}/lost/boot.qcow2; mv ${IMAGES}/tiny.qcow2 ${IMAGES}/tiny.away`);
    const wide = await host().plow(['list', '--all', '-o', 'wide', '--columns', 'name,state,missing']);
    expect(wide.stdout.split('\n').map((line) => line.trimEnd())).toEqual([
      'NAME       STATE                   MISSING',
      `lost       shut off, file missing  ${IMAGES}/lost/boot.qcow2,${IMAGES}/tiny.qcow2`,
      `whole      shut off, file missing  ${IMAGES}/tiny.qcow2`,
      '',
    ]);
    const json = await host().plow(['list', '--all', '-o', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      vms: [
        { missing_files: [`${IMAGES}/lost/boot.qcow2`, `${IMAGES}/tiny.qcow2`] },
        { missing_files: [`${IMAGES}/tiny.qcow2`] },
      ],
    });
    await host().sh(`mv ${IMAGES}/tiny.away ${IMAGES}/tiny.qcow2`);
    for (const name of ['lost', 'whole'])
      expect(await host().plow(['destroy', name])).toMatchObject({ code: 0 });
  });

  it.each([
    ['a running one', ['list'], 'no VM is running (plow list --all shows all)\n'],
    ['any', ['list', '--all'], 'no VMs\n'],
  ])(
    'prints the header alone to stdout, and a word to stderr, on a host without %s',
    async (_, argv, stderr) => {
      expect(await host().plow(argv)).toEqual({ code: 0, stdout: lines(), stderr });
    },
  );

  it('keeps names that are hard on a table in one line', async () => {
    const name = 'long-name-with-ünïcode';
    await startForeign(name, 'be:ef:00:00:00:01');
    const { stdout } = await host().plow(['list']);
    expect(stdout).toBe(
      [
        'NAME                    STATE     VCPUS  MEMORY  IP ADDRESS',
        `${name}  paused    2      64 MiB  0.0.0.1`,
        '',
      ].join('\n'),
    );
    await host().virsh(`destroy ${name}`);
  });

  it('ends well when its reader goes away early', async () => {
    const piped = await host().plowInShell('"$@" list --all | head -n 1; echo "${PIPESTATUS[0]}"');
    expect(piped).toEqual({
      code: 0,
      stdout: 'NAME       STATE     VCPUS  MEMORY  IP ADDRESS\n0\n',
      stderr: 'no VMs\n',
    });
    const closed = await host().plowInShell('"$@" list --all | true; echo "${PIPESTATUS[0]}"');
    expect(closed.stdout).toBe('0\n');
  });
});
