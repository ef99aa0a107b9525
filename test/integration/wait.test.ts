import { beforeAll, describe, expect, it } from 'vitest';
import { resultDocument } from '../../src/documents/result-schema.ts';
import type { ResultDocument } from '../../src/documents/result-schema.ts';
import { addBusyboxImage } from '../lab/guest-image.ts';
import { useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();
const CONSOLES = new URL('../fixtures/consoles/', import.meta.url).pathname;
let busybox: string;

beforeAll(async () => {
  busybox = await addBusyboxImage(host().lab, 'h1');
});

const nic = (ip: string, gateway = '10.77.0.11'): object => ({
  network_interfaces: [{ ip: `${ip}/24`, gateway, bridge: 'br0' }],
});

/** Guests that say, in the course of a wait, what real ones were recorded to say. */
async function waitedWith(
  recorded: readonly string[],
): Promise<{ code: number; told: readonly ResultDocument[] }> {
  const { stdout } = await host().plowInShell(`cd ${host().files}
    "$@" --verbose wait -o json --all --for cloud-init --timeout 90s > out 2> err &
    until [ "$(grep -c virStoragePoolDestroy err)" -gt ${recorded.length + 1} ]; do sleep 0.05; done
    for name in ${recorded.join(' ')}; do cat ${CONSOLES}$name.log >> ${IMAGES}/$name/console.log; done
    wait $!; echo $?; cat out`);
  const [code, ...lines] = stdout.trimEnd().split('\n');
  return { code: Number(code), told: lines.map((line) => resultDocument.parse(JSON.parse(line))) };
}

describe('VMs that do not come up', () => {
  it('are told apart, many at once, by what their consoles and disks say', async () => {
    const recorded = ['failing', 'badnet', 'sata', 'good'];
    for (const [index, name] of recorded.entries()) {
      const own = name === 'good' ? '10.77.0.100' : `10.77.0.${61 + index}`;
      await host().given(vm({ name, cloud_init: {}, ...nic(own) }));
    }
    const empty = { boot_disk: { empty: true, size_gb: 1 } };
    await host().given(vm({ name: 'bios', ...empty, ...nic('10.77.0.74') }));
    await host().given(vm({ name: 'uefi', firmware: 'uefi', ...empty, ...nic('10.77.0.75') }));
    const { code, told } = await waitedWith(recorded);
    expect({
      code,
      told: told.map(({ name, status, waited }) => `${name} ${status} ${waited?.verdict}`).toSorted(),
    }).toEqual({
      code: 4,
      told: [
        'badnet failed network-refused',
        'bios failed nothing-to-boot',
        'failing failed cloud-init-errors',
        'good reached null',
        'sata failed no-seed',
        'uefi failed nothing-to-boot',
      ],
    });
    const seedless = told.find(({ name }) => name === 'sata')?.error;
    expect(seedless).toMatchObject({
      message: "the guest of VM 'sata' did not find its seed: cloud-init had no datasource",
      hint: expect.stringContaining('bus: scsi') as unknown,
      detail: expect.stringMatching(/Used fallback datasource$/u) as unknown,
    });
    expect((await host().plow(['destroy', '--force', '--yes', '--all'])).code).toBe(0);
  });

  it('of which another machine has the address', async () => {
    await host().given(vm(nic('10.77.0.66')));
    // A machine of its own network namespace, on the same bridge.
    await host().sh(`unshare --net sleep 600 > /dev/null 2>&1 & echo $! > ${host().files}/pid
      until [ "$(readlink /proc/$!/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
      ip link add stranger type veth peer name eth0 address 02:00:00:00:00:01 netns $!
      ip link set stranger master br0 up
      nsenter --net --target $! sh -c 'ip link set lo up; ip addr add 10.77.0.66/24 dev eth0; ip link set eth0 up'`);
    const { code, stderr } = await host().plow(['wait', 'web', '--timeout', '30s']);
    await host().sh(`kill "$(cat ${host().files}/pid)"`);
    expect(code).toBe(4);
    expect(stderr).toContain(
      "another machine has 10.77.0.66, the address of VM 'web': MAC address 02:00:00:00:00:01, not be:ef:0a:4d:00:42\n",
    );
    await host().discard('web');
  });
});

describe('a wait', () => {
  it('is part of a create, which keeps the VM whatever comes of it, and notes a gateway that nobody has', async () => {
    const config = vm({
      boot_disk: { image: busybox, size_gb: 1 },
      cloud_init: {},
      ...nic('10.77.0.67', '10.77.0.199'),
    });
    const path = await host().write(config);
    const made = await host().plow(['create', '--wait-for', 'address', path]);
    expect(made.code).toBe(0);
    expect(made.stdout).toContain("✓ VM 'web' has its address: 10.77.0.67\n");
    expect(made.stderr).toContain("note: nobody has the address of the gateway of VM 'web', 10.77.0.199");
    const again = ['create', '--if-not-exists', '--wait', '--wait-timeout', '1s', path];
    const late = await host().plow(again);
    expect(late.code).toBe(4);
    expect(late.stderr).toContain("note: VM 'web' was made, and is kept: plow destroy web removes it\n");
    expect(late.stderr).toContain('the furthest seen: it has its address\n');
    expect(late.stderr).toContain('console: web is up\n');

    // Woken by the event, and not by the end of ten minutes.
    const stopped = await host().plowInShell(`
      : > ${host().files}/err; "$@" --verbose wait --timeout 10m web 2> ${host().files}/err &
      until grep -q virStoragePoolDestroy ${host().files}/err; do sleep 0.05; done
      virsh -q destroy web; wait $!; echo $?; grep ^error: ${host().files}/err`);
    // A look that was under way may see it before the event is heard.
    expect(stopped.stdout).toMatch(
      /^4\nerror: VM 'web' (?:stopped meanwhile(?: \(destroyed\))?|is not running)\n$/mu,
    );
    expect((await host().plow(['wait', '--for', 'stopped', 'web'])).stdout).toBe("✓ VM 'web' is off\n");

    await host().virsh('start web');
    const interrupted = await host().plowInShell(`set -m
      : > ${host().files}/err; "$@" --verbose wait --timeout 10m web 2> ${host().files}/err & set +m
      until grep -q virStoragePoolCreate ${host().files}/err; do sleep 0.05; done
      kill -INT $!; wait $!; echo $?; grep -v ^libvirt: ${host().files}/err | tail -n 1; virsh -q pool-list --all`);
    expect(interrupted.stdout).toBe("130\ninterrupted by SIGINT: VM 'web' goes on as it was\n");
    await host().discard('web');
  });
});
