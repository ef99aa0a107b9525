import { expect, it } from 'vitest';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { domainXml } from '../../../../src/libvirt-xml/domain/write.ts';
import { macsIn } from '../../../../src/libvirt-xml/read/macs.ts';
import { readDomain } from '../../../../src/libvirt-xml/domain/read.ts';
import { toStored } from '../../../../src/libvirt-xml/metadata/stored-vm.ts';
import { fullMachine } from '../../machines.ts';
import { DOMAIN } from '../documents.ts';

const machine = fullMachine();
const metadata = {
  status: 'ready',
  uuid: '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f',
  version: '0.1.0',
  created: '',
  directory: '/images/vm',
  stored: toStored(machine),
} as const;

it.each([
  ["plow's own", domainXml(machine, { arch: 'x86_64', virtType: 'kvm', backingFormat: 'qcow2', metadata })],
  ['one that runs', DOMAIN],
  ['one without an interface', `<domain><devices/></domain>`],
  [
    'one whose metadata and description look like interfaces',
    `<domain><description>&lt;mac address='52:54:00:00:00:01'/&gt;</description>
      <metadata><x:y xmlns:x="urn:x"><mac address="52:54:00:00:00:02"/><metadata></metadata></x:y></metadata>
      <devices><interface type='user'><mac address='52:54:00:AA:BB:CC' type='static' check='no'/></interface></devices></domain>`,
  ],
])('the MAC addresses of %s are those that the parser finds', (_, document) => {
  expect(macsIn(document)).toStrictEqual(readDomain(parseXml(document)).interfaces.map(({ mac }) => mac));
});
