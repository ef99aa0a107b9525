import { expect, it } from 'vitest';
import { readDeclared } from '../../../../src/libvirt-xml/metadata/declared.ts';
import { toStored } from '../../../../src/libvirt-xml/metadata/stored-vm.ts';
import { declaredOf, fullMachine, minimalMachine } from '../../machines.ts';

it('reads all that plow writes', () => {
  const machine = fullMachine({ description: 'web', tags: ['a'], virtType: 'kvm' });
  const { memoryMib, interfaces, version: _, ...rest } = toStored(machine);
  expect(declaredOf(machine)).toStrictEqual({
    ...rest,
    memoryKib: memoryMib * 1024,
    interfaces: interfaces.map(({ gatewayInSubnet: __, ...one }) => one),
  });
});

it('tells no seed from one of which nothing is known', () => {
  expect(declaredOf(minimalMachine()).cloudInit).toBeUndefined();
  expect(readDeclared({ ...toStored(minimalMachine()), cloudInit: {} })?.cloudInit).toBeDefined();
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
