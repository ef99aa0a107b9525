import { expect, it } from 'vitest';
import { readDeclared } from '../../../../src/libvirt-xml/metadata/declared.ts';
import { toStored } from '../../../../src/libvirt-xml/metadata/stored-vm.ts';
import { bootDisk, declaredOf, fullMachine, minimalMachine, routedInterface } from '../../machines.ts';

const NEEDS = { provisioning: 'ignition', firmware: 'uefi' } as const;

it('reads all that plow writes', () => {
  const extras = {
    fwCfg: [{ name: 'opt/org.example/x', file: '/srv/x' }],
    hasTpm: true,
    hasSecureBoot: true,
    watchdog: { model: 'i6300esb', action: 'pause' },
    ioThreads: 2,
    shares: [
      { source: '/srv/a', tag: 'a', isReadOnly: true },
      { source: '/srv/b', tag: 'b', isReadOnly: false },
    ],
  } as const;
  const machine = fullMachine({
    description: 'web',
    tags: ['a'],
    fleet: 'shop',
    group: 'web',
    virtType: 'kvm',
    ...extras,
  });
  const {
    memoryMib,
    interfaces,
    version: _,
    cloudInit,
    tpm,
    secureBoot,
    fwCfg,
    shares: _shares,
    ...rest
  } = toStored(machine);
  expect(declaredOf(machine)).toStrictEqual({
    ...rest,
    bootDisk: { ...rest.bootDisk, file: undefined },
    provisioning: { format: 'cloud-init', file: undefined, ...cloudInit },
    onCrash: rest.onCrash ?? 'destroy',
    hasTpm: tpm === true,
    hasSecureBoot: secureBoot === true,
    fwCfg: fwCfg ?? [],
    shares: extras.shares,
    memoryKib: memoryMib * 1024,
    interfaces: interfaces.map(({ gatewayInSubnet: __, ...one }) => ({
      ...one,
      mode: one.mode ?? 'bridge',
      bootsFromNetwork: one.bootsFromNetwork ?? false,
    })),
  });
});

it('reads an interface that is routed', () => {
  const machine = minimalMachine({ interfaces: [routedInterface()] });
  expect(toStored(machine).interfaces).toMatchObject([{ mode: 'ethernet', bridge: undefined }]);
  expect(declaredOf(machine).interfaces).toMatchObject([
    { mode: 'ethernet', address: '10.55.22.22', prefixLength: 32, gateway: '169.254.0.1', bridge: undefined },
  ]);
});

it('tells no seed from one of which nothing is known', () => {
  expect(declaredOf(minimalMachine()).provisioning).toBeUndefined();
  expect(readDeclared({ ...toStored(minimalMachine()), cloudInit: {} })?.provisioning).toBeDefined();
});

const STORED = toStored(fullMachine());

it.each([
  ['a newer shape than it knows', { ...STORED, version: 2 }],
  [
    'another format of the boot disk',
    { ...STORED, bootDisk: { ...STORED.bootDisk, format: '../../etc/passwd' } },
  ],
  ['a device that is none', { ...STORED, dataDisks: [{ ...STORED.dataDisks[0], device: '/../x' }] }],
  ['an interface without an address', { ...STORED, interfaces: [{}] }],
  ['no list of interfaces', { ...STORED, interfaces: undefined }],
  ['no list of data disks', { ...STORED, dataDisks: 'vdb' }],
  ['no name', { ...STORED, name: 7 }],
  ['nothing', null],
])('takes what has %s for none of plow', (_, stored) => {
  expect(readDeclared(stored)).toBeUndefined();
});

const KNOWN = {
  name: 'debian-12',
  version: '20260712-2537',
  digest: `sha512:${'a'.repeat(128)}`,
  path: '/images/plow.images/debian-12-20260712-2537.qcow2',
};
const made = fullMachine({ bootDisk: bootDisk({ image: KNOWN.path, known: { ...KNOWN, needs: NEEDS } }) });

it('has what is known of an image that was pulled, and nothing else of its record', () => {
  expect(toStored(made).image).toStrictEqual(KNOWN);
  expect(declaredOf(made).image).toStrictEqual(KNOWN);
  expect(JSON.stringify(toStored(made))).not.toContain('ignition');
});

it.each([
  ['a name that is none', { ...KNOWN, name: '../debian' }],
  ['a version that is none', { ...KNOWN, version: 'a b' }],
  ['no path', { ...KNOWN, path: undefined }],
  ['a path with something else in it', { ...KNOWN, path: '/images/a\nimage: b' }],
  ['a text in its place', 'debian-12'],
])('knows nothing of an image with %s', (_, image) => {
  expect(readDeclared({ ...STORED, image })).toMatchObject({ name: STORED.name, image: undefined });
});

it('passes over a digest that is none', () => {
  const image = { ...KNOWN, digest: 'md5:1', later: true };
  expect(readDeclared({ ...STORED, image })?.image).toStrictEqual({ ...KNOWN, digest: undefined });
});
