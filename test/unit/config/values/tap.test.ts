import { describe, expect, it } from 'vitest';
import { addressFromTap, tapFor } from '../../../../src/config/values/tap.ts';

describe('the tap of a routed interface', () => {
  it.each([
    ['10.55.22.22', 'vm0a371616'],
    ['1.2.3.4', 'vm01020304'],
    ['223.255.255.254', 'vmdffffffe'],
  ])('of %s is %s, and back', (address, tap) => {
    expect(tapFor(address)).toBe(tap);
    expect(addressFromTap(tap)).toBe(address);
  });

  it.each(['vnet0', 'vm0a37161', 'vm0a3716160', 'vm0A371616', 'xvm0a371616', 'vm0a37161g', ''])(
    'is not %s',
    (name) => {
      expect(addressFromTap(name)).toBeUndefined();
    },
  );
});
