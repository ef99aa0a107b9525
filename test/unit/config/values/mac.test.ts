import { describe, expect, it } from 'vitest';

import { macFor } from '../../../../src/config/values/mac.ts';

describe('the MAC address of an interface', () => {
  it.each([
    ['10.55.22.22', 'be:ef:0a:37:16:16'],
    ['10.20.30.40', 'be:ef:0a:14:1e:28'],
    ['0.0.0.1', 'be:ef:00:00:00:01'],
    ['255.254.10.9', 'be:ef:ff:fe:0a:09'],
  ])('of %s is %s', (address, mac) => {
    expect(macFor(address)).toBe(mac);
  });
});
