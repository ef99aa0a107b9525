import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import type { ListedDomain, ListOptions } from '../../../src/vm/hypervisor.ts';
import { FakeHypervisor, failure } from '../vm/fake-hypervisor.ts';
import { fakeEnvironment } from './environment.ts';

const EXAMPLE = fileURLToPath(new URL('../../../examples/multi-disk-vm.yaml', import.meta.url));

const LISTED: ListedDomain = {
  name: 'vm',
  uuid: '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f',
  state: 'running',
  active: true,
  vcpus: 2,
  memoryKib: 2 ** 20,
  metadata: undefined,
  xml: undefined,
  leases: [],
};

function hypervisorWithImages(): FakeHypervisor {
  const hypervisor = new FakeHypervisor();
  hypervisor.addDirectory('/var/lib/libvirt/images', 'debian-12.qcow2');
  return hypervisor;
}

function listing(...domains: readonly Partial<ListedDomain>[]): FakeHypervisor & { asked: ListOptions[] } {
  const asked: ListOptions[] = [];
  const listDomains = async (options: ListOptions): Promise<readonly ListedDomain[]> => {
    asked.push(options);
    return domains.map((domain) => ({ ...LISTED, ...domain }));
  };
  return Object.assign(new FakeHypervisor(), { asked, listDomains });
}

async function failToList(): Promise<never> {
  throw failure('virConnectListAllDomains', 'other');
}

describe('plow list', () => {
  it('prints the table to stdout, nothing else, and closes the connection', async () => {
    const environment = fakeEnvironment(listing({ name: 'one', leases: ['10.0.0.9'] }));
    expect(await runCli(['list'], environment)).toBe(0);
    expect(environment.stdout).toStrictEqual([
      'NAME       STATE     VCPUS  MEMORY  IP ADDRESS',
      'one        running   2      1 GiB   10.0.0.9',
    ]);
    expect(environment.stderr).toStrictEqual([]);
    expect(environment.connections).toStrictEqual(['qemu:///system', 'closed']);
  });

  it.each([
    [['list'], true, 'no VM is running (plow list --all shows all)'],
    [['list', '--all'], false, 'no VMs'],
  ])('%j without VMs prints the header to stdout and says so on stderr', async (argv, activeOnly, words) => {
    const hypervisor = listing();
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
    const environment = fakeEnvironment(listing(), variables);
    await runCli(argv, environment);
    expect(environment.connections).toStrictEqual(['test:///default', 'closed']);
  });

  it('with --verbose shows the calls on stderr', async () => {
    const environment = fakeEnvironment(listing({}));
    await runCli(['--verbose', 'list'], environment);
    expect(environment.stderr).toStrictEqual(['libvirt: virConnectOpen 1.3 ms']);
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

  it('of a VM that does not exist says so, and prints nothing', async () => {
    const environment = fakeEnvironment(new FakeHypervisor());
    await expect(runCli(['destroy', 'nosuch'], environment)).rejects.toMatchObject({
      kind: 'operation',
      message: "VM 'nosuch' does not exist",
      hint: 'plow list --all shows the VMs there are',
    });
    expect(environment.stdout).toStrictEqual([]);
    expect(environment.connections).toStrictEqual(['qemu:///system', 'closed']);
  });
});
