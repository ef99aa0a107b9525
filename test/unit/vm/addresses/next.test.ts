import { describe, expect, it } from 'vitest';
import { nextFree, subnetOf, takenByFiles, takenIn } from '../../../../src/vm/addresses/next.ts';
import { usedAddresses } from '../../../../src/vm/addresses/used.ts';
import { minimalMachine } from '../../machines.ts';
import { contextWith } from '../export/vms.ts';

const none = new Map<string, string>();

describe('the next free address', () => {
  it.each([
    ['10.0.0.0/30', 2, ['10.0.0.1/30', '10.0.0.2/30']],
    ['10.0.0.0/31', 2, ['10.0.0.0/31', '10.0.0.1/31']],
    ['10.0.0.9/32', 1, ['10.0.0.9/32']],
    ['10.0.0.50/24', 1, ['10.0.0.50/24']],
    ['10.0.0.255/24', 0, []],
  ])('of %s, %i of them, is %j', (subnet, count, found) => {
    expect(nextFree(subnetOf(subnet), count, none)).toEqual(found);
  });

  it('is none that somebody has, and says so where there are not enough', () => {
    const taken = new Map([['10.0.0.1', "VM 'web'"]]);
    expect(nextFree(subnetOf('10.0.0.0/30'), 1, taken)).toEqual(['10.0.0.2/30']);
    expect(() => nextFree(subnetOf('10.0.0.0/30'), 2, taken)).toThrow('only 1 of 2 addresses of 10.0.0.0/30');
  });

  it.each([
    ['126.255.255.254/7', ['126.255.255.254/7']],
    ['0.0.0.0/7', ['1.0.0.0/7']],
    ['223.255.255.255/2', ['223.255.255.255/2', '240.0.0.0/2']],
  ])('of %s passes over what no host can have', (subnet, found) => {
    expect(nextFree(subnetOf(subnet), found.length, none)).toEqual(found);
  });

  it.each(['127.0.0.1/32', '127.0.0.0/8', '0.0.0.0/8', '224.0.0.0/4', '239.1.2.3/24', '255.255.255.255/32'])(
    'is none in %s, and nobody has those',
    (subnet) => {
      const hint = 'no host can have an address there: give another subnet';
      expect(() => nextFree(subnetOf(subnet), 1, none)).toThrow(expect.objectContaining({ hint }));
    },
  );

  it('says who has the only one, and how many others can be had', () => {
    const taken = new Map([
      ['10.0.0.1', "VM 'web'"],
      ['10.0.0.2', "VM 'db'"],
    ]);
    const hinted = (subnet: string, count: number, hint: string): void =>
      expect(() => nextFree(subnetOf(subnet), count, taken)).toThrow(expect.objectContaining({ hint }));
    hinted('10.0.0.1/32', 1, "10.0.0.1 is taken: VM 'web'");
    hinted('10.0.0.0/30', 1, "10.0.0.1 is taken: VM 'web' (and 1 more)");
    hinted('10.0.0.2/29', 9, '-o json --count 4 tells who has the others');
  });

  it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/0', 'fe80::/64', '010.0.0.0/24'])('is of no %s', (text) => {
    expect(() => subnetOf(text)).toThrow('is no subnet');
  });

  it('knows who has others, in order, and no one of other subnets', () => {
    const taken = new Map([
      ['10.0.0.10', 'b'],
      ['10.0.0.9', 'a'],
      ['10.0.1.9', 'c'],
    ]);
    expect(takenIn(subnetOf('10.0.0.0/24'), taken).map(({ why }) => why)).toEqual(['a', 'b']);
  });

  it('is over files and over VMs, with their gateways', async () => {
    const machine = minimalMachine({ name: 'web' });
    const { taken } = await usedAddresses(contextWith(machine));
    expect(taken.get('10.20.30.40')).toBe("VM 'web'");
    expect(taken.get('10.20.30.1')).toBe("the gateway of VM 'web'");
    expect(takenByFiles([{ machine, where: 'a.yaml' }]).get('10.20.30.1')).toContain('a.yaml');
  });
});
