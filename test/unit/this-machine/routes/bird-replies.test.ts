import { describe, expect, it } from 'vitest';
import {
  errorIn,
  protocolsIn,
  routesIn,
  sessionOf,
  versionIn,
} from '../../../../src/this-machine/routes/bird-replies.ts';
import {
  EXPORTED,
  NO_CHANNEL,
  NO_SUCH,
  PROTOCOLS,
  ROLE_PROTOCOLS,
  STATUS,
  TABLES,
  TWO_WAYS,
} from './replies.ts';

describe('what birdc -v prints', () => {
  it('tells the version, of 2 and of 3', () => {
    expect(versionIn(STATUS)).toBe('2.0.12');
    expect(versionIn('0001 BIRD 3.1.8 ready.\n1000-BIRD 3.1.8\n')).toBe('3.1.8');
    expect(versionIn('0001 BIRD v3.2.0 ready.\n')).toBe('v3.2.0');
  });

  it('tells protocols, of which only the first has a code before its line', () => {
    expect(
      protocolsIn(ROLE_PROTOCOLS).map(({ name, type, state, info }) => [name, type, state, info]),
    ).toStrictEqual([
      ['kernel1', 'Kernel', 'up', ''],
      ['device1', 'Device', 'up', ''],
      ['direct1', 'Direct', 'up', ''],
      ['uplink', 'BGP', 'up', 'Established'],
    ]);
  });

  it('reads times of another day', () => {
    const reply =
      '2002-Name Proto Table State Since Info\n1002-a BGP --- start 2026-11-27 Idle BGP Error\n     b BGP --- up 2026-11-27 18:00:15 Established\n0000 \n';
    expect(protocolsIn(reply).map(({ info }) => info)).toStrictEqual(['Idle BGP Error', 'Established']);
  });

  it('tells sessions, those that are up and why others are not', () => {
    const sessions = protocolsIn(PROTOCOLS).filter(({ type }) => type === 'BGP');
    expect(sessions.map((one) => sessionOf(one, []))).toStrictEqual([
      {
        name: 'plow_10_77_0_12',
        neighbor: '10.77.0.12',
        neighborAs: 65_000,
        isEstablished: true,
        state: 'Established',
        exports: [],
      },
      {
        name: 'plow_10_77_0_99',
        neighbor: '10.77.0.99',
        neighborAs: 65_000,
        isEstablished: false,
        state: 'Active: Socket: No route to host',
        exports: [],
      },
    ]);
  });

  it('tells routes to single addresses, whatever table they are in', () => {
    expect(routesIn(TABLES)).toStrictEqual([
      { address: '10.55.22.22', device: 'vm0a371616', protocol: 'plow_taps' },
      { address: '10.55.22.23', device: 'vm0a371617', protocol: 'plow_taps' },
    ]);
    expect(routesIn(EXPORTED)).toStrictEqual(routesIn(TABLES));
  });

  it('tells a second way to the same address, and no wider net', () => {
    expect(routesIn(TWO_WAYS)).toStrictEqual([
      { address: '10.55.22.22', device: 'vm0a371616', protocol: 'direct1' },
      { address: '10.55.22.22', device: 'br0', protocol: 'uplink' },
      { address: '10.55.0.9', device: undefined, protocol: 'static1' },
    ]);
  });

  it('tells what was refused', () => {
    expect([errorIn(NO_CHANNEL), errorIn(STATUS)]).toStrictEqual(['No valid tables', undefined]);
    expect(errorIn(NO_SUCH)).toContain('syntax error');
    expect(routesIn(NO_CHANNEL)).toStrictEqual([]);
  });
});
