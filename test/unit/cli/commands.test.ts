import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import { FakeHypervisor } from '../vm/fake-hypervisor.ts';
import { failure } from '../vm/fake/pieces.ts';
import { listed, listing, seen } from '../vm/listed.ts';
import type { FakeListing, Listed } from '../vm/listed.ts';
import { fakeEnvironment } from './environment.ts';

const EXAMPLE = fileURLToPath(new URL('../../../examples/multi-disk-vm.yaml', import.meta.url));

function hypervisorWithImages(): FakeHypervisor {
  const hypervisor = new FakeHypervisor();
  hypervisor.addDirectory('/var/lib/libvirt/images', 'debian-12.qcow2');
  return hypervisor;
}

function hypervisorOf(...domains: readonly Listed[]): FakeHypervisor & FakeListing {
  return Object.assign(new FakeHypervisor(), listing(...domains));
}

async function failToList(): Promise<never> {
  throw failure('virConnectListAllDomains', 'other');
}

describe('plow list', () => {
  it('prints the table to stdout, nothing else, and closes the connection', async () => {
    const environment = fakeEnvironment(
      hypervisorOf(listed({ name: 'one', seen: [seen('lease', '10.0.0.9')] })),
    );
    expect(await runCli(['list'], environment)).toBe(0);
    expect(environment.stdout).toStrictEqual([
      'NAME       STATE     VCPUS  MEMORY  IP ADDRESS',
      'one        running   2      4 GiB   10.0.0.9',
    ]);
    expect(environment.stderr).toStrictEqual([]);
    expect(environment.connections).toStrictEqual(['qemu:///system', 'closed']);
  });

  it.each([
    [['list'], true, 'no VM is running (plow list --all shows all)'],
    [['list', '--all'], false, 'no VMs'],
  ])('%j without VMs prints the header to stdout and says so on stderr', async (argv, activeOnly, words) => {
    const hypervisor = hypervisorOf();
    const environment = fakeEnvironment(hypervisor);
    expect(await runCli(argv, environment)).toBe(0);
    expect(hypervisor.asked.map((options) => options.activeOnly)).toStrictEqual([activeOnly]);
    expect(environment.stdout).toHaveLength(1);
    expect(environment.stderr).toStrictEqual([words]);
  });

  it.each([
    [['-c', 'test:///default', 'list'], {}],
    [['list', '--connect', 'test:///default'], { PLOW_CONNECT: 'qemu:///session' }],
    [['list'], { PLOW_CONNECT: 'test:///default' }],
  ])('%j with %j connects to the hypervisor it was given', async (argv, variables) => {
    const environment = fakeEnvironment(hypervisorOf(), variables);
    await runCli(argv, environment);
    expect(environment.connections).toStrictEqual(['test:///default', 'closed']);
  });

  it('with --verbose shows the calls on stderr, when each ended and what it was about', async () => {
    const environment = fakeEnvironment(hypervisorOf(listed({})));
    await runCli(['--verbose', 'list'], environment);
    expect(environment.stderr).toStrictEqual([
      expect.stringMatching(/^libvirt: \d\d:\d\d:\d\d\.\d{3} virDomainGetState web 1\.3 ms$/u),
    ]);
  });

  it('explains an error of the hypervisor, and closes the connection all the same', async () => {
    const broken = Object.assign(new FakeHypervisor(), { listDomains: failToList });
    const environment = fakeEnvironment(broken);
    await expect(runCli(['list'], environment)).rejects.toMatchObject({
      name: 'PlowError',
      kind: 'operation',
      message: 'cannot list the VMs',
      detail: 'virConnectListAllDomains: virConnectListAllDomains failed [code 1, domain 10]',
    });
    expect(environment.connections).toStrictEqual(['qemu:///system', 'closed']);
  });
});

describe('plow create', () => {
  it('prints the steps as designed', async () => {
    const environment = fakeEnvironment(hypervisorWithImages());
    expect(await runCli(['create', EXAMPLE], environment)).toBe(0);
    expect(environment.stdout).toStrictEqual([
      "Creating VM 'multi-disk-vm'...",
      '✓ Configuration validated',
      '✓ Storage created (20 GB boot + 300 GB data)',
      '✓ Cloud-init ISO generated',
      '✓ Domain defined',
      '✓ VM started',
      "Successfully created VM 'multi-disk-vm'",
    ]);
    expect(environment.stderr).toStrictEqual([]);
    expect(environment.connections).toStrictEqual(['qemu:///system', 'closed']);
  });

  it('makes the VM where --storage-path says', async () => {
    const hypervisor = hypervisorWithImages();
    hypervisor.addDirectory('/srv/vms');
    await runCli(['create', EXAMPLE, '--storage-path', '/srv/vms/'], fakeEnvironment(hypervisor));
    expect([...hypervisor.directories.keys()]).toContain('/srv/vms/multi-disk-vm');
  });

  it('connects to nothing for a file that cannot be read', async () => {
    const environment = fakeEnvironment(hypervisorWithImages());
    await expect(runCli(['create', '/nosuch.yaml'], environment)).rejects.toMatchObject({ kind: 'config' });
    expect(environment.connections).toStrictEqual([]);
  });
});

describe('plow destroy', () => {
  it('prints the steps as designed', async () => {
    const hypervisor = hypervisorWithImages();
    await runCli(['create', EXAMPLE], fakeEnvironment(hypervisor));
    const environment = fakeEnvironment(hypervisor);
    expect(await runCli(['destroy', 'multi-disk-vm'], environment)).toBe(0);
    expect(environment.stdout).toStrictEqual([
      "Destroying VM 'multi-disk-vm'...",
      '✓ VM stopped',
      '✓ Domain undefined',
      '✓ Storage removed',
      "Successfully destroyed VM 'multi-disk-vm'",
    ]);
    expect(hypervisor.census()).toStrictEqual(hypervisorWithImages().census());
  });

  it('is rm as well, and a file in place of a name is told the VM of it', async () => {
    const hypervisor = hypervisorWithImages();
    await runCli(['create', EXAMPLE], fakeEnvironment(hypervisor));
    await expect(runCli(['rm', EXAMPLE], fakeEnvironment(hypervisor))).rejects.toMatchObject({
      hint: "it wants the name of a VM, not a file: 'multi-disk-vm'?",
    });
    expect(await runCli(['rm', 'multi-disk-vm'], fakeEnvironment(hypervisor))).toBe(0);
    expect(hypervisor.census()).toStrictEqual(hypervisorWithImages().census());
  });

  it.each([
    ['nosuch', 'plow list --all shows the VMs there are'],
    ['vms/nosuch.yaml', 'it wants the name of a VM, not a file; plow list --all shows the VMs there are'],
  ])('of %s, which does not exist, says so, and prints nothing', async (name, hint) => {
    const environment = fakeEnvironment(new FakeHypervisor());
    await expect(runCli(['destroy', name], environment)).rejects.toMatchObject({
      kind: 'operation',
      message: `VM '${name}' does not exist`,
      hint,
    });
    expect(environment.stdout).toStrictEqual([]);
    expect(environment.connections).toStrictEqual(['qemu:///system', 'closed']);
  });
});

describe('plow doctor', () => {
  const REPORT = `
✓ libvirt       libvirt 9.0.0
✓ qemu          QEMU 7.2.22
✓ kvm           KVM is there
✓ uefi          UEFI firmware is there
- secure-boot   not checked: libvirt does not tell its domain capabilities of kvm
- tpm           not checked: libvirt does not tell its domain capabilities of kvm
- virtiofs      not checked: libvirt does not tell its domain capabilities of kvm
- hugepages     not checked: libvirt does not tell which NUMA nodes and huge pages there are
✓ storage-path  /var/lib/libvirt/images is a directory, and QEMU's user (uid 64055) may pass through
- direct-io     not checked: libvirt does not tell; run plow doctor on the hypervisor itself
- space         not checked: the file system of /var/lib/libvirt/images does not count its free space
✓ security      AppArmor: libvirt lets each VM have its own files below /var/lib/libvirt/images
✓ bridges       br0 (no port), br1 (no port)
✓ addresses     no two VMs have the same MAC address
- shutdown      not checked: libvirt does not tell; run plow doctor on the hypervisor itself
- clock         not checked: libvirt does not tell; run plow doctor on the hypervisor itself
- console-log   not checked: libvirt does not tell; run plow doctor on the hypervisor itself
nothing to repair, 9 not checked
`;

  it('prints a line for every check, and ends with 0 where nothing failed', async () => {
    const environment = { ...fakeEnvironment(hypervisorWithImages()), columns: 60 };
    expect(await runCli(['doctor'], environment)).toBe(0);
    expect(`\n${environment.stdout.join('\n')}\n`).toBe(REPORT);
    expect(environment.stderr).toStrictEqual([]);
    expect(environment.connections).toStrictEqual(['qemu:///system', 'closed']);
  });

  it.each<[string, readonly string[], Partial<FakeHypervisor>, number]>([
    ['a warning', [], { virtTypes: ['qemu'] }, 0],
    ['a storage path that is not there', ['--storage-path', '/srv'], {}, 5],
    ['no firmware', [], { firmware: [] }, 2],
    ['both', ['--storage-path', '/srv'], { firmware: [] }, 2],
  ])('with %s ends accordingly, in text and in JSON', async (_, options, changes, code) => {
    for (const format of ['text', 'json']) {
      const environment = fakeEnvironment(Object.assign(hypervisorWithImages(), changes));
      expect(await runCli(['doctor', '-o', format, ...options], environment)).toBe(code);
      expect(environment.stderr).toStrictEqual([]);
    }
  });

  it('as JSON prints one document and nothing else', async () => {
    const environment = fakeEnvironment(hypervisorWithImages());
    await runCli(
      ['doctor', '--output', 'json', '-c', 'qemu:///session', '--storage-path', '/images'],
      environment,
    );
    expect(environment.stdout).toHaveLength(1);
    const { version, uri, checks } = JSON.parse(environment.stdout[0] ?? '') as Record<string, unknown[]>;
    const bare = { code: null, ignored: null, ignore_ended: null };
    expect({ version, uri, checks: checks?.slice(0, 2) }).toStrictEqual({
      version: 1,
      uri: 'qemu:///session',
      checks: [
        { check: 'libvirt', status: 'ok', text: 'libvirt 9.0.0', repair: null, ...bare },
        { check: 'qemu', status: 'ok', text: 'QEMU 7.2.22', repair: null, ...bare },
      ],
    });
  });

  it('in a terminal has colours and fits, and no spinner is drawn', async () => {
    const environment = fakeEnvironment(hypervisorWithImages());
    const drawn: unknown[] = [];
    environment.output.stream.on('data', (chunk) => drawn.push(chunk));
    const output = { ...environment.output, interactive: true, color: true };
    await runCli(['doctor'], { ...environment, output, columns: 60 });
    expect(environment.stdout[0]).toBe('\u001B[32m✓\u001B[39m libvirt       libvirt 9.0.0');
    expect(environment.stdout).toContain("                QEMU's user (uid 64055) may pass through");
    expect(drawn).toStrictEqual([]);
  });

  it('where the connection breaks prints nothing and says so', async () => {
    const hypervisor = hypervisorWithImages();
    hypervisor.fault = (call) => (call === 'listInterfaces' ? 'disconnected' : undefined);
    const environment = fakeEnvironment(hypervisor);
    await expect(runCli(['doctor', '-o', 'json'], environment)).rejects.toMatchObject({
      kind: 'connection',
      message: 'cannot go on: the line to libvirt broke',
    });
    expect(environment.stdout).toStrictEqual([]);
  });
});
