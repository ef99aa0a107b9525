import { describe, expect, it } from 'vitest';
import { loadMachine } from '../../../src/config/vm-file/load.ts';
import type { Machine } from '../../../src/config/machine.ts';
import { outcome, SMALLEST } from './sample.ts';

const machineOf = (more: string, text = SMALLEST): Machine =>
  loadMachine('vm.yaml', `${text}${more}`, { virtType: undefined }).machine;

describe('a drive', () => {
  it.each([
    ['cdrom: /iso/a.iso', { image: '/iso/a.iso', bus: undefined }],
    ['cdrom: { image: /iso/a.iso, bus: scsi }', { image: '/iso/a.iso', bus: 'scsi' }],
    ['cdrom: debian-13-netinst@13.1', { image: 'debian-13-netinst@13.1', bus: undefined }],
    ['cdrom: ./a.iso', { image: './a.iso', bus: undefined }],
    ['cdrom: {}', { image: undefined, bus: undefined }],
  ])('is as %s says', (text, cdrom) => {
    expect(machineOf(text).cdrom).toStrictEqual(cdrom);
  });

  it('is none unless the file says so', () => {
    expect(machineOf('')).not.toHaveProperty('cdrom');
  });

  it.each([
    [
      'cdrom: a.iso',
      '11:8: cdrom: must be an absolute path on the hypervisor, starting with /, the name of an image that was pulled, such as debian-13-netinst, or a file of this machine, starting with ./, ../ or ~/, got "a.iso"',
    ],
    ['cdrom: /iso/', '11:8: cdrom: must name a file, not a directory, got "/iso/"'],
    ['cdrom: /dev/sr0', '11:8: cdrom: must be a file on a disk, not in /dev'],
    [
      'cdrom:',
      '11:7: cdrom: expected a path, a name or a map of keys, found nothing (write {} for an empty drive)',
    ],
    ['cdrom: { imgae: /a }', "11:10: cdrom.imgae: unknown key; did you mean 'image'?"],
    [
      'cdrom: { image: /a, bus: stata }',
      '11:26: cdrom.bus: must be sata or scsi, got "stata"; did you mean sata?',
    ],
    ['cdorm: /iso/a.iso', "11:1: cdorm: unknown key; did you mean 'cdrom'?"],
  ])('cannot be %s', (text, mistake) => {
    expect(outcome(`${SMALLEST}${text}\n`)).toStrictEqual(['validation', `vm.yaml:${mistake}`]);
  });
});

describe('the boot list', () => {
  it.each([
    ['boot: [disk, network]', ['disk', 'network']],
    ['boot: [network:0]', ['network']],
    ['cdrom: {}\nboot: [cdrom, disk]', ['cdrom', 'disk']],
    ['cdrom: {}\nboot: [disk]', ['disk']],
  ])('is as %s says', (text, boot) => {
    expect(machineOf(text).boot).toStrictEqual(boot);
  });

  it.each(['boot: [disk]', 'cdrom: {}\nboot: [disk, cdrom]'])(
    'is none where %s says what is so anyway',
    (text) => {
      expect(machineOf(text)).not.toHaveProperty('boot');
    },
  );

  it.each([
    ['boot: []', ['11:7: boot: must have at least 1 item, has 0']],
    [
      'boot: disk',
      [
        '11:7: boot: expected a list, found the text "disk" (write each item on a line of its own, after "- ")',
      ],
    ],
    [
      'boot: [disk, netwrok]',
      [
        `11:14: boot[1]: must be disk, cdrom, network or network:1 (the second interface), got "netwrok"; did you mean 'network'?`,
      ],
    ],
    [
      'boot: [hd, pxe]',
      [
        `11:8: boot[0]: must be disk, cdrom, network or network:1 (the second interface), got "hd"; did you mean 'disk'?`,
        `11:12: boot[1]: must be disk, cdrom, network or network:1 (the second interface), got "pxe"; did you mean 'network'?`,
      ],
    ],
    ['boot: [disk, disk]', ['11:14: boot[1]: disk is already boot[0]']],
    ['boot: [network, network:0]', ['11:17: boot[1]: network is already boot[0]']],
    [
      'boot: [disk, cdrom]',
      ['11:14: boot[1]: the VM has no drive: give it one with cdrom, or take this out'],
    ],
    ['boot: [network:1]', ['11:8: boot[0]: there is no network_interfaces[1]: the last is network']],
  ])('cannot be %s', (text, mistakes) => {
    expect(outcome(`${SMALLEST}${text}\n`)).toStrictEqual([
      'validation',
      ...mistakes.map((one) => `vm.yaml:${one}`),
    ]);
  });

  it('is the whole order: an interface that says otherwise is a mistake, one that it names is none', () => {
    const text = SMALLEST.replace('bridge: br0', 'bridge: br0\n    boot: network');
    expect(outcome(`${text}boot: [disk]\n`)).toStrictEqual([
      'validation',
      'vm.yaml:11:11: network_interfaces[0].boot: the boot list of the VM does not name it: put network there, or take this out',
    ]);
    expect(machineOf('boot: [disk, network]', text).boot).toStrictEqual(['disk', 'network']);
    expect(machineOf('boot: [network, disk]', text)).not.toHaveProperty('boot');
  });
});
