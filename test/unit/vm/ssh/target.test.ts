import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../../src/config/machine.ts';
import type { DomainState } from '../../../../src/hypervisor/domain-facts.ts';
import { domainXml } from '../../../../src/libvirt-xml/domain/write.ts';
import { newMetadata } from '../../../../src/libvirt-xml/metadata/metadata.ts';
import { sshTarget, sshTargets } from '../../../../src/vm/ssh/target.ts';
import { cloudInit, ED25519, minimalMachine, networkInterface } from '../../machines.ts';
import { FakeHypervisor } from '../fake-hypervisor.ts';
import { UUID } from '../shown.ts';

const KEYS = [`ssh-ed25519 ${'A'.repeat(68)}`, `ecdsa-sha2-nistp256 ${'B'.repeat(139)}=`];
const FOREIGN = '<domain><name>web</name><devices/></domain>';

/** A VM of plow's, whose document may have been changed by somebody. */
function hostOf(
  machine: Machine,
  {
    keys = KEYS,
    edit = (xml) => xml,
    state = 'running',
  }: { keys?: readonly string[]; edit?: (xml: string) => string; state?: DomainState } = {},
): FakeHypervisor {
  const hypervisor = new FakeHypervisor();
  const head = {
    status: 'ready',
    uuid: UUID,
    version: '0',
    createdAt: new Date(0),
    directory: '/a/web',
  } as const;
  const metadata = newMetadata(machine, head, keys);
  const xml = domainXml(machine, { arch: 'x86_64', virtType: 'kvm', backingFormat: undefined, metadata });
  hypervisor.addDomain('web', edit(xml), state);
  return hypervisor;
}

const web = minimalMachine({ name: 'web', provisioning: cloudInit() });

describe('the target of ssh', () => {
  it('is where plow put the VM, with the keys it made', async () => {
    const hypervisor = hostOf(web);
    expect(await sshTarget('web', hypervisor)).toMatchObject({
      name: 'web',
      address: '10.20.30.40',
      user: 'root',
      hostKeys: KEYS,
    });
    expect(hypervisor.calls.map((call) => call.split(' ')[0])).toStrictEqual(['findDomain', 'Domain.status']);
  });

  it('is on the interface with the default route', async () => {
    const interfaces = [
      networkInterface({ defaultRoute: false }),
      networkInterface({ address: '10.0.0.9', mac: 'be:ef:0a:00:00:09' }),
    ];
    expect((await sshTarget('web', hostOf({ ...web, interfaces }))).address).toBe('10.0.0.9');
  });

  const admin = { groups: [], sudo: undefined, shell: undefined };
  it.each([
    [
      'the first user with a key',
      {
        users: [
          { ...admin, name: 'a', sshKeys: [] },
          { ...admin, name: 'b', sshKeys: [ED25519] },
        ],
        sshKeys: [ED25519],
      },
      'b',
    ],
    [
      'root where only root has one',
      { users: [{ ...admin, name: 'a', sshKeys: [] }], sshKeys: [ED25519] },
      'root',
    ],
    ["nobody where a document of the user's own decides", { userData: '#cloud-config\n' }, undefined],
    ['root beside such a document, with a key', { userData: '#cloud-config\n', sshKeys: [ED25519] }, 'root'],
  ])('logs in as %s', async (_, guest, user) => {
    expect((await sshTarget('web', hostOf({ ...web, provisioning: cloudInit(guest) }))).user).toBe(user);
  });

  it.each(['-oProxyCommand=id', 'a b', 'a;id', ''])(
    'never logs in as %j of changed metadata',
    async (user) => {
      const edit = (xml: string): string => xml.replace('"sshUser":"root"', `"sshUser":"${user}"`);
      expect((await sshTarget('web', hostOf(web, { edit }))).user).toBeUndefined();
    },
  );

  it.each(['-oProxyCommand=id', '10.0.0.1 id', 'localhost', '::1'])(
    'refuses the address %j of changed metadata',
    async (address) => {
      const edit = (xml: string): string => xml.replace('"address":"10.20.30.40"', `"address":"${address}"`);
      await expect(sshTarget('web', hostOf(web, { edit }))).rejects.toThrow(
        "the metadata of VM 'web' has an address that is none",
      );
      expect((await sshTargets(hostOf(web, { edit }))).others).toStrictEqual(['web']);
    },
  );

  it.each([
    ['of another shape', ['ssh-ed25519 AAAA\n* ssh-rsa BBBB', KEYS[1] ?? '']],
    ['that could be a mark', [`@cert-authority * ${KEYS[0] ?? ''}`]],
  ])('has none of the keys where one is %s', async (_, keys) => {
    expect((await sshTarget('web', hostOf(web, { keys }))).hostKeys).toStrictEqual([]);
  });

  it.each([
    ['shut off', "VM 'web' is not running", 'plow start web'],
    ['paused', "VM 'web' is suspended", 'plow resume web'],
  ] as const)('is refused where the VM is %s', async (state, message, hint) => {
    await expect(sshTarget('web', hostOf(web, { state }))).rejects.toMatchObject({ message, hint });
  });

  it('of a VM that plow did not make is where libvirt has seen it, else unknown', async () => {
    const hypervisor = new FakeHypervisor();
    hypervisor.addDomain('web', FOREIGN, 'running');
    await expect(sshTarget('web', hypervisor)).rejects.toThrow("no address of VM 'web' is known");
    const seen = { source: 'agent', interfaceName: 'eth0', mac: undefined, prefixLength: 24 } as const;
    hypervisor.seen = [
      { ...seen, address: 'fe80::1', family: 'ipv6' },
      { ...seen, address: '-oProxyCommand=id', family: 'ipv4' },
      { ...seen, address: 'fd00::2', family: 'ipv6' },
    ];
    expect(await sshTarget('web', hypervisor)).toMatchObject({
      address: 'fd00::2',
      user: undefined,
      hostKeys: [],
    });
    hypervisor.seen = [...hypervisor.seen, { ...seen, address: '10.0.0.7', family: 'ipv4' }];
    expect((await sshTarget('web', hypervisor)).address).toBe('10.0.0.7');
  });
});

it('all targets are those of plow, running or not, in one round trip', async () => {
  const hypervisor = hostOf(web, { state: 'shut off' });
  hypervisor.addDomain('other', FOREIGN, 'running');
  const { targets, others } = await sshTargets(hypervisor);
  expect(targets).toMatchObject([{ name: 'web', address: '10.20.30.40', hostKeys: KEYS }]);
  expect(others).toStrictEqual(['other']);
  expect(hypervisor.calls.map((call) => call.split(' ')[0])).toStrictEqual(['listDomains']);
});
