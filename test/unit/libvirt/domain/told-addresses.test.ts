import { describe, expect, it } from 'vitest';
import { mostCredible, toldAddresses } from '../../../../src/libvirt/domain/told-addresses.ts';
import { seen } from '../../vm/listed.ts';

const told = (addr: string, more: object = {}): unknown =>
  toldAddresses(
    { name: 'eth0', hwaddr: 'BE:EF:0A:14:1E:28', addresses: [{ addr, prefix: 24 }], ...more },
    'agent',
  );

describe('what a guest says its addresses are', () => {
  it('is taken where they are some', () => {
    expect(told('10.20.30.40')).toStrictEqual([
      {
        source: 'agent',
        interfaceName: 'eth0',
        mac: 'be:ef:0a:14:1e:28',
        address: '10.20.30.40',
        prefixLength: 24,
        family: 'ipv4',
      },
    ]);
    expect(told('fd00::1', { addresses: [{ addr: 'fd00::1', prefix: 4_000_000_000 }] })).toMatchObject([
      { family: 'ipv6', prefixLength: 128 },
    ]);
  });

  it.each([
    '6.6.6.6\u001b[2J\n::error::x',
    '=HYPERLINK("http://e")',
    '-oProxyCommand=touch /tmp/x',
    '10.20.30.400',
    '10.20.30.40/24',
    'fd00::1%\u001b[2J',
    '',
    '127.0.0.1',
    '::1',
    'fe80::1',
  ])('is left out where it is %j', (addr) => {
    expect(told(addr)).toStrictEqual([]);
  });

  it('has a name that an interface can have, and a MAC address that is one', () => {
    const name = `\u001b[31m\n${'x'.repeat(100)}`;
    expect(told('10.0.0.1', { name, hwaddr: '=1+1' })).toMatchObject([
      { interfaceName: '[31mxxxxxxxxxxx', mac: undefined },
    ]);
    expect(told('10.0.0.1', { name: '\u202e', hwaddr: null })).toMatchObject([
      { interfaceName: undefined, mac: undefined },
    ]);
  });

  it('is at most 64 addresses, and crowds out nothing that the host knows', () => {
    const many = Array.from({ length: 100 }, (_, index) => seen('agent', `10.0.0.${index}`));
    const lease = seen('lease', '10.1.0.1');
    expect(mostCredible(many, [lease])).toStrictEqual([...many.slice(0, 63), lease]);
    expect(mostCredible([], many)).toHaveLength(64);
  });
});
