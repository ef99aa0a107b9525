import { parse } from 'yaml';
import { beforeAll, describe, expect, it } from 'vitest';
import { addBusyboxImage } from '../lab/guest-image.ts';
import { useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();

beforeAll(async () => {
  await addBusyboxImage(host().lab, 'h1');
});

const LAID_OUT = {
  vcpus: 2,
  vcpus_max: 4,
  memory_mib: 256,
  memory_max_mib: 512,
  memory_gib: undefined,
  cpu: {
    mode: 'custom',
    model: 'EPYC',
    sockets: 1,
    cores: 2,
    threads: 2,
    pin: { 0: 0, 3: '1' },
    emulator: 0,
  },
  numa: [
    { cpus: '0-1', memory_mib: 256, host_node: 0 },
    { cpus: '2-3', memory_mib: 256 },
  ],
  boot_disk: { image: `${IMAGES}/busybox.qcow2`, size_gb: 1 },
};

/** CPUs that a thread of a VM's QEMU may run on, by its name. */
function affinity(thread: string): Promise<string> {
  return host().sh(`for task in /proc/$(cat /run/libvirt/qemu/web.pid)/task/*; do
    [ "$(cat $task/comm)" != '${thread}' ] || sed -n 's/^Cpus_allowed_list:\\t//p' $task/status; done`);
}

interface Shown {
  readonly vm: { readonly differences: readonly unknown[]; readonly declared: object };
}

describe('a VM whose CPUs and memory are laid out', () => {
  it('runs so, grows while it runs, and is exported as it is', async () => {
    await host().given(vm(LAID_OUT));
    const all = await host().sh('cat /sys/devices/system/cpu/online');
    expect([await affinity('CPU 0/TCG'), await affinity('CPU 1/TCG')]).toStrictEqual(['0', all]);
    await host().guestSays('web', 'cat /sys/devices/system/node/online', '0-1');
    await host().guestSays('web', 'nproc', '2');
    const grown = await host().plow(['resize', 'web', '--vcpus', '4', '--memory', '0.5']);
    expect(grown).toStrictEqual({
      code: 0,
      stdout: "✓ VM 'web' resized: 4 CPUs, 512 MiB of memory\n",
      stderr: '',
    });
    await host().guestSays('web', 'nproc', '4');
    expect(await affinity('CPU 3/TCG')).toBe('1');
    // The guest gives the memory back as it comes to it.
    await host().sh(
      'timeout 90 sh -c "until virsh dominfo web | grep -q \'^Used memory: *524288 KiB\'; do sleep 0.2; done"',
    );
    const { stdout } = await host().plow(['show', '-o', 'json', 'web']);
    const shown = (JSON.parse(stdout) as Shown).vm;
    expect(shown).toMatchObject({
      differences: [],
      declared: { vcpus: 4, memory_kib: 524_288, cpu_topology: { cores: 2, threads: 2 } },
    });
    const more = await host().plow(['resize', 'web', '--vcpus', '5']);
    expect(more.code).toBe(4);
    expect(more.stderr).toContain(
      "VM 'web' cannot have 5 CPUs: its topology (1 socket, 1 die, 2 cores, 2 threads) makes 4\n",
    );
    const smaller = await host().plow(['resize', 'web', '--vcpus', '2', '--memory', '0.25']);
    expect(smaller.code).toBe(0);
    const before = await host().virsh('dumpxml --inactive web');
    const exported = await host().plow(['export', 'web']);
    expect(exported.stdout).not.toContain('no words');
    const file = await host().write(parse(exported.stdout) as object);
    await host().discard('web');
    expect((await host().plow(['create', file])).code).toBe(0);
    const after = await host().virsh('dumpxml --inactive web');
    const layout = /<memory .*<os>|<cpu .*<\/cpu>/gsu;
    expect(after.match(layout)).toStrictEqual(before.match(layout));
    await host().discard('web');
  });

  it('is refused where the hypervisor has not what it wants, before anything is made', async () => {
    const file = await host().write(
      vm({
        ...LAID_OUT,
        cpu: { mode: 'custom', model: 'EPIC', pin: { 0: 900 }, emulator: [0, 901] },
        numa: [{ cpus: '0-3', memory_mib: 512, host_node: 77 }],
        hugepages: '2MiB',
      }),
    );
    const { code, stderr } = await host().plow(['create', file]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/cpu\.pin\.0: this hypervisor has no CPU 900, or has it switched off: it has 0/u);
    expect(stderr).toMatch(/cpu\.emulator: this hypervisor has no CPU 901/u);
    expect(stderr).toMatch(/numa\[0\]\.host_node: this hypervisor has no node 77: it has 0/u);
    expect(stderr).toContain("cpu.model: this hypervisor knows no CPU model 'EPIC'; did you mean 'EPYC'?");
    expect(stderr).toContain('hugepages: libvirt cannot use huge pages (');
  });
});

const RESERVES = process.env['PLOW_HUGEPAGES'] === '1';
if (!RESERVES)
  console.log(
    "skipped: huge pages, which are the whole machine's (PLOW_HUGEPAGES=1 sets 48 apart for a while)",
  );

describe.skipIf(!RESERVES)('a VM in huge pages', () => {
  it('has them for as long as it runs, and is refused where too few are free', async () => {
    const pages = '/proc/sys/vm/nr_hugepages';
    const was = await host().sh(`cat ${pages}`);
    const size = { memory_gib: undefined, memory_mib: 96, hugepages: '2MiB', firmware: 'bios' };
    try {
      await host().sh(
        `echo $((${was} + 48)) > ${pages}; mkdir -p /dev/hugepages; mount -t hugetlbfs none /dev/hugepages`,
      );
      await host().libvirtd('stop');
      await host().libvirtd('start');
      await host().given(vm(size));
      expect(await host().sh('sed -n "s/^HugePages_Free: *//p" /proc/meminfo')).toBe(was);
      const network_interfaces = [{ ip: '10.77.0.51/24', gateway: '10.77.0.1', bridge: 'br0' }];
      const other = await host().create(vm({ ...size, name: 'other', network_interfaces }));
      expect(other.code).toBe(2);
      expect(other.stderr).toContain('hugepages: the VM takes 48 pages of 2 MiB, and the hypervisor has ');
      await host().discard('web');
    } finally {
      await host().sh(`umount /dev/hugepages; rmdir /dev/hugepages; echo ${was} > ${pages}`);
    }
  });
});
