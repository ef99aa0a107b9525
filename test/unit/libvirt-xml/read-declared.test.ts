import { expect, it } from 'vitest';
import { withoutSecrets } from '../../../src/libvirt-xml/domain-metadata.ts';
import { readDeclared } from '../../../src/libvirt-xml/read-declared.ts';
import { fullMachine, minimalMachine } from '../machines.ts';

it('reads all that plow writes', () => {
  const machine = withoutSecrets(fullMachine({ description: 'web', tags: ['a'], virtType: 'kvm' }));
  const { memoryMib, interfaces, name: _, ...rest } = machine;
  expect(readDeclared(machine)).toStrictEqual({
    ...rest,
    memoryKib: memoryMib * 1024,
    interfaces: interfaces.map(({ gatewayInSubnet: __, ...one }) => one),
  });
});

it('tells no seed from one of which nothing is known', () => {
  expect(readDeclared(withoutSecrets(minimalMachine())).cloudInit).toBeUndefined();
  const machine: object = { ...withoutSecrets(minimalMachine()), cloudInit: {} };
  expect(readDeclared(machine as Parameters<typeof readDeclared>[0]).cloudInit).toBeDefined();
});
