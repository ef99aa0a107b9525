import { expect, it } from 'vitest';
import { readInterface } from '../../../../src/libvirt-xml/read/host-interface.ts';
import { BRIDGE, NETCF_BRIDGE } from '../documents.ts';

it.each([
  [
    "libvirt's own (udev) document of a bridge, which tells no address",
    BRIDGE,
    {
      type: 'bridge',
      ports: [
        { name: 'up0', state: 'up' },
        { name: 'bond0', state: undefined },
      ],
      addresses: [],
    },
  ],
  [
    "netcf's document of a bridge, with addresses",
    NETCF_BRIDGE,
    {
      type: 'bridge',
      ports: [{ name: 'eth0', state: undefined }],
      addresses: ['192.168.0.5/24', '192.168.1.5/24'],
    },
  ],
  ['an interface of its own', "<interface type='ethernet' name='up0'/>", { type: 'ethernet' }],
  ['a document without a type', "<interface name='up0'/>", { type: 'unknown', ports: [], addresses: [] }],
])('reads %s', (_, document, facts) => {
  expect(readInterface(document)).toMatchObject(facts);
});
