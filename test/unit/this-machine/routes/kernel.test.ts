import { describe, expect, it } from 'vitest';
import { hostRoutesIn, tapsIn } from '../../../../src/this-machine/routes/kernel.ts';

/** As iproute2 6.1 prints them, shortened. */
const ADDRESSES = JSON.stringify([
  {
    ifname: 'br0',
    flags: ['UP', 'LOWER_UP'],
    addr_info: [{ family: 'inet', local: '10.77.0.11', prefixlen: 24 }],
  },
  {
    ifname: 'vm0a371616',
    flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
    addr_info: [
      { family: 'inet', local: '169.254.0.1', address: '10.55.22.22', prefixlen: 32, scope: 'link' },
      { family: 'inet6', local: 'fe80::d86a:74ff:feb9:5a37', prefixlen: 64, scope: 'link' },
    ],
  },
  { ifname: 'vm0a371617', flags: ['NO-CARRIER', 'UP'], addr_info: [{ family: 'inet', local: '10.1.1.1' }] },
  { ifname: 'vm0a3716', flags: [], addr_info: [] },
]);

describe('what ip tells', () => {
  it('is taps of routed VMs, each with its addresses and what is at the other end', () => {
    expect(tapsIn(ADDRESSES)).toStrictEqual([
      { name: 'vm0a371616', carrier: true, addresses: [{ local: '169.254.0.1', peer: '10.55.22.22' }] },
      { name: 'vm0a371617', carrier: false, addresses: [{ local: '10.1.1.1', peer: undefined }] },
    ]);
  });

  it('is routes to single addresses, and no others', () => {
    const routes = [
      { dst: 'default', gateway: '10.77.0.1', dev: 'br0' },
      { dst: '10.55.22.22', dev: 'vm0a371616', protocol: 'kernel', scope: 'link' },
      { dst: '10.77.0.0/24', dev: 'br0' },
      { type: 'blackhole', dst: '10.55.0.9' },
    ];
    expect(hostRoutesIn(JSON.stringify(routes))).toStrictEqual([
      { address: '10.55.22.22', device: 'vm0a371616' },
      { address: '10.55.0.9', device: undefined },
    ]);
  });

  it('is nothing where it is no JSON, and none where it is empty', () => {
    expect([tapsIn('?'), tapsIn('{}'), tapsIn(''), hostRoutesIn('?'), hostRoutesIn('')]).toStrictEqual([
      undefined,
      undefined,
      [],
      undefined,
      [],
    ]);
  });
});
