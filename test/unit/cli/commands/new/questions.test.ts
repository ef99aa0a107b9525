import { describe, expect, it } from 'vitest';
import { isNeeded, mistakeIn, takenBy } from '../../../../../src/cli/commands/new/judge.ts';
import { questionOf } from '../../../../../src/cli/commands/new/questions.ts';
import type { Known } from '../../../../../src/cli/commands/new/questions.ts';
import { guestOf, notesOf } from '../../../../../src/cli/commands/new/words.ts';
import type { Surroundings } from '../../../../../src/cli/commands/new/look.ts';
import type { FileDefaults } from '../../../../../src/config/vm-file/fill-in.ts';

const NONE = { virtType: undefined, fill: undefined };
const subnet = (text: string, gateway?: string) => ({ text, gateway, dnsServers: ['9.9.9.9'] });
const OFFERS: NonNullable<Known['offers']> = {
  bridges: [
    { name: 'down0', subnets: [subnet('10.9.0.0/24')], problem: 'it is down' },
    { name: 'idle0', subnets: [], problem: undefined },
    { name: 'br0', subnets: [subnet('10.0.0.0/29', '10.0.0.6')], problem: undefined },
  ],
  images: [
    { image: 'flatcar', about: 'pulled', capacityBytes: 33 * 2 ** 30, guest: 'ignition' },
    { image: '/images/a.qcow2', about: 'a file', capacityBytes: undefined, guest: undefined },
  ],
  vms: ['web'],
  taken: new Map(),
  unseen: [],
};
const known = (more: Partial<Known> = {}): Known => ({
  vm: { guest: 'cloud-init', bridge: 'br0', image: 'flatcar' },
  offers: OFFERS,
  catalog: [
    { name: 'debian-12', description: 'Debian 12', guest: 'cloud-init' },
    { name: 'fedora-coreos', description: 'CoreOS', guest: 'ignition' },
    { name: 'flatcar', description: 'Flatcar', guest: 'ignition' },
  ],
  keys: [],
  taken: new Map([['10.0.0.1', "VM 'web'"]]),
  ...more,
});

describe('Enter takes', () => {
  it('a bridge that works and whose subnet is known', () => {
    const { usual, choices = [] } = questionOf('bridge', known());
    expect(usual).toBe('br0');
    expect(choices[0]?.hint).toBe('10.9.0.0/24; it is down');
  });

  it('an image that is there, before those that can be pulled', () => {
    const { usual, choices = [] } = questionOf('image', known());
    expect(usual).toBe('flatcar');
    expect(choices.map(({ value }) => value)).toEqual([
      'flatcar',
      '/images/a.qcow2',
      'debian-12',
      'fedora-coreos',
    ]);
    expect(questionOf('image', known({ offers: undefined })).usual).toBeUndefined();
  });

  it('the first free address, which is not the gateway', () => {
    expect(questionOf('ip', known()).usual).toBe('10.0.0.2/29');
    const taken = new Map(['1', '2', '3', '4', '5'].map((last) => [`10.0.0.${last}`, 'x']));
    expect(questionOf('ip', known({ taken })).usual).toBeUndefined();
    expect(questionOf('ip', known({ offers: undefined })).usual).toBeUndefined();
  });

  it('the gateway and DNS servers of VMs there, else a guess', () => {
    const vm = { ...known().vm, ip: '10.0.0.2/29' };
    expect(questionOf('gateway', known({ vm })).usual).toBe('10.0.0.6');
    expect(questionOf('dns', known({ vm })).usual).toBe('9.9.9.9');
    const elsewhere = { ...vm, ip: '10.1.0.2/24' };
    expect(questionOf('gateway', known({ vm: elsewhere })).usual).toBe('10.1.0.1');
    expect(questionOf('dns', known({ vm: elsewhere })).usual).toBe('');
    expect(questionOf('gateway', known({ vm: { ...vm, ip: '10.1.0.1/24' } })).usual).toBeUndefined();
  });

  it('a disk that the image fits in, and the user that it has', () => {
    expect(questionOf('disk', known()).usual).toBe('33');
    expect(questionOf('disk', known({ offers: undefined })).usual).toBe('20');
    expect(questionOf('user', known({ vm: { guest: 'ignition' } })).usual).toBe('core');
  });
});

describe('an answer', () => {
  it.each([
    ['ip', '10.0.0.0/24', 'is the network address'],
    ['vcpus', 'two', 'expected a whole number'],
    ['disk', '0', 'must be at least 1'],
    ['dns', '9.9.9.9,x', 'must be an IPv4 address'],
    ['user', 'Root', 'must hold only a-z'],
    ['bridge', 'br0\u001b', 'must be the name of a bridge'],
    ['name', '../x', 'must start and end with'],
  ] as const)('%s %j is told as a VM file is', (key, answer, words) => {
    expect(mistakeIn(key, { ...known().vm, [key]: answer }, NONE)).toContain(words);
  });

  it.each([
    ['ip', '10.0.0.2/24'],
    ['dns', '9.9.9.9, 1.1.1.1'],
    ['memory', '1.5'],
    ['user', 'admin'],
    ['image', './a.qcow2'],
  ] as const)('%s %j is taken', (key, answer) => {
    expect(mistakeIn(key, { ...known().vm, [key]: answer }, NONE)).toBeUndefined();
  });

  it('is not what somebody has', () => {
    expect(takenBy('ip', '10.0.0.1/29', known())).toBe("10.0.0.1 is in use: VM 'web'");
    expect(takenBy('name', 'Web', known())).toBe("there is a VM 'web' already");
    expect(takenBy('ip', '10.0.0.2/29', known())).toBeUndefined();
  });

  it('is not wanted of what the settings say', () => {
    const values: FileDefaults['values'] = {
      bridge: 'br0',
      gateways: { '10.0.0.0/8': '10.0.0.1' },
      ssh_keys: [],
    };
    const fill = { values, whereIs: () => 'settings.yaml' };
    const vm = { guest: 'cloud-init', ip: '10.0.0.2/24' } as const;
    for (const key of ['bridge', 'gateway', 'keys'] as const) {
      expect(isNeeded(key, vm, NONE)).toBe(true);
      expect(isNeeded(key, vm, { ...NONE, fill })).toBe(false);
    }
    expect(isNeeded('gateway', { ...vm, ip: '172.16.0.2/24' }, { ...NONE, fill })).toBe(true);
  });
});

it('what sets up the guest is what the image has', () => {
  expect(guestOf(known())).toBe('ignition');
  const image = (name: string) => ({ ...known().vm, image: name });
  expect(guestOf(known({ vm: image('fedora-coreos@44') }))).toBe('ignition');
  expect(guestOf(known({ vm: image('/images/a.qcow2') }))).toBe('cloud-init');
});

it('a gateway that nobody has told is called a guess', () => {
  const around = { globals: {}, places: { usual: { uri: 'test:///default' } } } as unknown as Surroundings;
  const vm = { ...known().vm, ip: '10.1.0.2/24', gateway: '10.1.0.1' };
  expect(notesOf(known({ vm }), around).gateway).toContain('A guess');
  expect(
    notesOf(known({ vm: { ...vm, ip: '10.0.0.2/29', gateway: '10.0.0.6' } }), around).gateway,
  ).toBeUndefined();
});
