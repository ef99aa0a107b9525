import { describe, expect, it } from 'vitest';
import { leadsThrough } from '../../../src/this-machine/neighbours.ts';
import { neighbourIn } from '../../../src/this-machine/reach.ts';

/** As the kernel of an x86 has it: 10.77.0.0/24 and 10.77.0.128/25 on two bridges, the rest by a router. */
const ROUTES = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
br0\t00000000\t01004D0A\t0003\t0\t0\t0\t00000000\t0\t0\t0
br0\t00004D0A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
br1\t80004D0A\t00000000\t0001\t0\t0\t0\t80FFFFFF\t0\t0\t0
br0\t00004E0A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
br2\t00004E0A\t00000000\t0001\t0\t0\t50\t00FFFFFF\t0\t0\t0
*\t00004F0A\t00000000\t0201\t0\t0\t0\t00FFFFFF\t0\t0\t0
`;

describe('the way to an address', () => {
  it.each([
    ['10.77.0.5', 'br0', true],
    ['10.77.0.5', 'br1', false],
    ['10.77.0.200', 'br0', false],
    ['10.77.0.200', 'br1', true],
    ['10.78.0.5', 'br2', true],
    ['10.78.0.5', 'br0', false],
    ['10.79.0.5', '*', false],
    ['8.8.8.8', 'br0', false],
    ['200.200.200.200', 'br0', false],
  ])('%s through %s: %s', (address, device, leads) => {
    expect(leadsThrough(ROUTES, address, device)).toBe(leads);
  });

  it('is none where there are no routes', () => {
    expect(leadsThrough('', '10.77.0.5', 'br0')).toBe(false);
  });
});

describe('a neighbour', () => {
  const table = `IP address       HW type     Flags       HW address            Mask     Device
10.77.0.5        0x1         0x2         3A:34:7d:d0:85:bc     *        br0
10.77.0.6        0x1         0x0         00:00:00:00:00:00     *        br0
`;

  it('counts on the interface that is meant', () => {
    expect(neighbourIn(table, '10.77.0.5', 'br0')).toBe('3a:34:7d:d0:85:bc');
    expect(neighbourIn(table, '10.77.0.5', 'br1')).toBeUndefined();
    expect(neighbourIn(table, '10.77.0.6', 'br0')).toBeUndefined();
  });
});
