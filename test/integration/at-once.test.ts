import { describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { created, destroyed, IMAGES, vm } from './vms.ts';

const host = useHost();

describe('several plows at the same time', () => {
  it('make 8 VMs on one image, and destroy them', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `vm${index}`);
    for (const [index, name] of names.entries()) {
      const interfaces = [{ ip: `10.77.0.${60 + index}/24`, gateway: '10.77.0.1', bridge: 'br0' }];
      const boot = { image: `${IMAGES}/tiny.qcow2`, size_gb: 1, format: index % 4 === 0 ? 'raw' : 'qcow2' };
      await host().write(
        vm({ name, boot_disk: boot, network_interfaces: interfaces, cloud_init: {} }),
        `${name}.yaml`,
      );
    }
    const each = (command: string): string =>
      `for vm in ${names.join(' ')}; do { ${command}; } > /run/$vm.out & done; wait; cat /run/vm*.out; rm /run/vm*.out`;
    expect(await host().plowInShell(each(`"$@" create ${host().files}/$vm.yaml`))).toEqual({
      code: 0,
      stdout: names.map((name) => created(name, { seed: true })).join(''),
      stderr: '',
    });
    expect(await host().plowInShell(each(`virsh -q destroy $vm; "$@" destroy $vm`))).toEqual({
      code: 0,
      stdout: names.map((name) => destroyed(name, { was: 'off' })).join(''),
      stderr: '',
    });
  });

  it.each([1, 2, 3])('give one address to one VM, and take the others back (round %i)', async () => {
    const names = Array.from({ length: 6 }, (_, index) => `vm${index}`);
    for (const name of names) await host().write(vm({ name, cloud_init: {} }), `${name}.yaml`);
    const { stdout, stderr } = await host().plowInShell(
      `for vm in ${names.join(' ')}; do { "$@" create ${host().files}/$vm.yaml; echo "exit code $?"; } & done; wait`,
    );
    const [winner = ''] = (await host().sh('virsh list --all --name')).split('\n');
    expect(stdout.match(/^exit code 0$/gmu)).toHaveLength(1);
    expect(stdout.match(/^exit code 2$/gmu)).toHaveLength(names.length - 1);
    const lost = /^error: \S+: network_interfaces\[0\]\.ip: 10\.77\.0\.50 is used by VM 'vm\d'.*$/gmu;
    expect(stderr.match(lost)).toHaveLength(names.length - 1);
    expect(stdout).toContain(`Successfully created VM '${winner}'`);
    await host().discard(winner);
  });

  it.each([
    ['running', 'uri'],
    ['shut off', 'destroy web'],
  ])('destroy a VM that is %s, and none of them fails but for its being gone', async (_, prepare) => {
    await host().given(vm({ cloud_init: {}, data_disks: [{ device: 'vdb', size_gb: 1 }] }));
    await host().virsh(prepare);
    const { stdout, stderr } = await host().plowInShell(
      `for i in 1 2 3 4; do { "$@" destroy web; echo "exit code $?"; } & done; wait`,
    );
    const count = (pattern: RegExp): number => `${stdout}${stderr}`.match(pattern)?.length ?? 0;
    const done = count(/^Successfully destroyed VM 'web'$/gmu);
    const gone = count(/^error: VM 'web' (?:was removed by somebody else meanwhile|does not exist)$/gmu);
    expect(done).toBeGreaterThan(0);
    // With what was said, for when it is something else.
    expect({ all: done + gone, errors: count(/^error: /gmu), stderr }).toEqual({
      all: 4,
      errors: gone,
      stderr,
    });
    expect([count(/^exit code 0$/gmu), count(/^exit code 4$/gmu)]).toEqual([done, gone]);
  });
});
