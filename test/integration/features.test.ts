import { describe, expect, it } from 'vitest';
import { useHost, VERSIONS } from './support.ts';
import { vm } from './vms.ts';

const host = useHost();

interface Shown {
  readonly name: string | null;
  readonly arch: string;
  readonly facts: { readonly libvirt: string };
  readonly guests: readonly {
    readonly arch: string;
    readonly virt_types: readonly string[];
    readonly machine_types: number;
  }[];
  readonly features: readonly { readonly name: string; readonly has: boolean | null; readonly why: string }[];
}

/** A settings file. */
function settings(values: object): Promise<string> {
  return host().write(values, 'plow.yaml');
}

/** Hides the firmware of the machine from the host's libvirtd for a while. */
async function withoutFirmware<T>(work: () => Promise<T>): Promise<T> {
  const hidden = '/usr/share/qemu/firmware';
  await host().sh(`mkdir /run/empty; mount --bind /run/empty ${hidden}`);
  try {
    return await work();
  } finally {
    await host().sh(`umount ${hidden}; rmdir /run/empty`);
  }
}

describe('plow hosts show', () => {
  it('tells what a hypervisor can', async () => {
    const file = await settings({ hosts: { hv1: { connect: 'qemu:///system', labels: ['rack1'] } } });
    const { code, stdout } = await host().plow(['--config', file, 'hosts', 'show', 'hv1', '-o', 'json']);
    const shown = JSON.parse(stdout) as Shown;
    expect({ code, name: shown.name, libvirt: shown.facts.libvirt, arch: shown.arch }).toEqual({
      code: 0,
      name: 'hv1',
      libvirt: VERSIONS.libvirt,
      arch: 'x86_64',
    });
    const x86 = shown.guests.find(({ arch }) => arch === 'x86_64');
    expect(x86?.virt_types).toEqual(['qemu']);
    expect(x86?.machine_types).toBeGreaterThan(10);
    const isNew = VERSIONS.libvirt.startsWith('11.');
    expect(Object.fromEntries(shown.features.map(({ name, has }) => [name, has]))).toEqual({
      kvm: false,
      uefi: true,
      'secure-boot-off': true,
      'secure-boot': true,
      tpm: true,
      virtiofs: true,
      'virtiofs-read-only': isNew,
      vnc: true,
      'cpu-host-model': true,
      'cpu-host-passthrough': false,
      'cpu-maximum': true,
      'cpu-custom': true,
      'bridge-list': true,
      'bridge-vlan': isNew,
      'grow-only': false,
      'long-chains': !isNew,
      'external-revert': isNew,
      'internal-revert': !isNew,
    });
  });

  it('without a name tells of the hypervisor that is meant anyway, and of two names none', async () => {
    const { code, stdout } = await host().plow(['hosts', 'show']);
    expect(code).toBe(0);
    expect(stdout).toContain(`libvirt:    ${VERSIONS.libvirt}\n`);
    expect(stdout).toMatch(
      /^kvm +no +VMs on the processor itself \(KVM\) +its capabilities do not list it: /mu,
    );
    const both = await host().plow(['-c', 'qemu:///system', 'hosts', 'show', 'hv1']);
    expect(both).toMatchObject({
      code: 1,
      stderr: 'error: hosts show takes one host: its name, or --host, or --connect\n',
    });
  });
});

describe('a VM that wants what there is not', () => {
  it.each([
    [
      'UEFI firmware',
      { firmware: 'uefi' },
      'firmware: this hypervisor has no UEFI firmware (its domain capabilities of qemu do not list it): use firmware: bios',
      // libvirt tells it to no connection that is read-only.
      0,
    ],
    [
      'the processor itself',
      { cpu_mode: 'host-passthrough', firmware: 'bios' },
      "cpu_mode: host-passthrough needs KVM, and this VM runs as 'qemu': use host-model",
      2,
    ],
  ])('is refused before anything is made: %s', async (_, changes, words, dry) => {
    const file = await host().write(vm(changes));
    await withoutFirmware(async () => {
      const wet = await host().plow(['create', file]);
      expect(wet).toMatchObject({ code: 2, stdout: "Creating VM 'web'...\n" });
      expect(wet.stderr).toContain(words);
      expect(await host().plow(['create', '--dry-run', file])).toMatchObject({ code: dry });
      expect((await host().plow(['validate', '--on-host', file])).stderr).toContain(words);
    });
  });
});

function ignoring(until: string): object {
  return { doctor: { ignore: [{ code: 'uefi-missing', until, reason: 'BIOS only here' }] } };
}

describe('what doctor complains of', () => {
  it('counts for nothing until a day, and counts again then', async () => {
    const [known, over] = [
      await settings(ignoring('2999-12-31')),
      await host().write(ignoring('2020-01-31'), 'over.yaml'),
    ];
    await withoutFirmware(async () => {
      const quiet = await host().plow(['--config', known, 'doctor']);
      expect(quiet.code).toBe(0);
      expect(quiet.stdout).toMatch(/^~ uefi .* \[uefi-missing\]$/mu);
      expect(quiet.stdout).toContain('ignored until 2999-12-31: BIOS only here\n');
      const loud = await host().plow(['--config', over, 'doctor']);
      expect(loud.code).toBe(2);
      expect(loud.stdout).toContain('it was ignored until 2020-01-31, and counts again\n');
      expect((await host().plow(['doctor', '--ignore', 'uefi-missing'])).code).toBe(0);
      const { stdout } = await host().plow(['--config', known, 'hosts']);
      expect(stdout).toMatch(/ up +warning /u);
    });
  });

  it('has a code that must be one', async () => {
    const { code, stderr } = await host().plow(['doctor', '--ignore', 'uefi-mising']);
    expect(code).toBe(1);
    expect(stderr).toContain("plow doctor has no such code; did you mean 'uefi-missing'?\n");
  });
});
