import { describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { created, IMAGES, SLOW, vm } from './vms.ts';

const host = useHost();

const TAKING_BACK = '\ninterrupted: taking back what was made (interrupt again to leave at once)\n';

describe('plow create', () => {
  it.each([
    ['SIGINT', 130, 'the name was taken', '/etc/libvirt/qemu/web.xml'],
    ['SIGTERM', 143, 'the name was taken', '/etc/libvirt/qemu/web.xml'],
    ['SIGTERM', 143, 'some disks were made', `${IMAGES}/web/data-vdc.qcow2`],
    ['SIGINT', 130, 'QEMU was started', '/run/libvirt/qemu/web.pid'],
  ])('takes everything back on %s (exit code %i) after %s', async (signal, code, _, sign) => {
    const file = await host().write(vm({ ...SLOW, cloud_init: {}, firmware: 'uefi' }));
    // Without job control a shell has its background processes ignore SIGINT.
    const result = await host().plowInShell(`set -m
      "$@" create ${file} & set +m; until [ -e ${sign} ]; do :; done; kill -${signal} $!; wait $!`);
    expect(result).toMatchObject({
      code,
      stderr: `${TAKING_BACK}interrupted by ${signal}: all was taken back\n`,
    });
    // No tick after that.
    expect(result.stdout).not.toContain('VM started');
    expect(result.stdout).not.toContain('Successfully');
  });

  it('leaves at once when interrupted again, and destroy removes what remained', async () => {
    const file = await host().write(vm(SLOW));
    const result = await host().plowInShell(`set -m
      "$@" create ${file} 2> ${host().files}/err & set +m; until [ -e /etc/libvirt/qemu/web.xml ]; do :; done
      kill -STOP $(cat /run/libvirtd.pid)
      kill -INT $!; until grep -q interrupted ${host().files}/err; do :; done; kill -INT $!
      wait $!; code=$?; cat ${host().files}/err >&2; exit $code`);
    await host().libvirtd('thaw');
    expect(result).toMatchObject({
      code: 130,
      stderr: `${TAKING_BACK}left at once: what was under way may remain (plow list --all, plow destroy NAME)\n`,
    });
    expect(await host().plow(['destroy', 'web'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('gives a name to one of several who want it at the same time', async () => {
    const file = await host().write(vm());
    const { stdout, stderr } = await host().plowInShell(`
      for i in 1 2 3 4; do { "$@" create ${file}; echo "exit code $?"; } & done; wait`);
    const lines = stdout.split('\n');
    expect(lines.filter((line) => line.startsWith('exit code')).toSorted()).toEqual([
      'exit code 0',
      ...Array.from({ length: 3 }, () => 'exit code 2'),
    ]);
    expect(lines.filter((line) => line.startsWith('Successfully'))).toHaveLength(1);
    const taken = /^error: (?:\S+: name: )?VM 'web' already exists(?:, incomplete: .*)? \(.*\)$/u;
    const errors = stderr.split('\n').filter((line) => line.startsWith('error: '));
    expect(errors).toEqual(Array.from({ length: 3 }, () => expect.stringMatching(taken) as unknown));
    expect(await host().virsh('domstate web')).toBe('running');
    await host().discard('web');
  });

  it('makes several VMs at the same time, on one image, and destroys them so', async () => {
    const names = ['a1', 'a2', 'a3', 'a4'];
    for (const [index, name] of names.entries()) {
      const ip = `10.77.0.${60 + index}/24`;
      const boot = { image: `${IMAGES}/tiny.qcow2`, size_gb: 1, format: index % 2 === 0 ? 'qcow2' : 'raw' };
      await host().write(
        vm({ name, boot_disk: boot, network_interfaces: [{ ip, gateway: '10.77.0.1', bridge: 'br0' }] }),
        `${name}.yaml`,
      );
    }
    const all = names.join(' ');
    const made = await host().plowInShell(
      `for vm in ${all}; do "$@" create ${host().files}/$vm.yaml > /run/$vm.out & done; wait; cat /run/*.out`,
    );
    expect(made).toEqual({ code: 0, stdout: names.map((name) => created(name)).join(''), stderr: '' });
    const gone = await host().plowInShell(
      `for vm in ${all}; do { virsh -q destroy $vm; "$@" destroy $vm; } & done; wait; rm /run/*.out`,
    );
    expect(gone).toMatchObject({ code: 0, stderr: '' });
  });
});
