import { describe, expect, it } from 'vitest';

import { changed, outcome, SMALLEST } from './sample.ts';

describe('the boot disk', () => {
  it.each([
    ['no image', '', '4:1: boot_disk.image: is required (the path of a base image), or empty: true instead'],
    [
      'empty: false',
      'empty: false',
      '4:1: boot_disk.image: is required (the path of a base image), or empty: true instead',
    ],
    [
      'an image twice over',
      'image: /a\n  empty: true',
      '7:10: boot_disk.empty: an empty disk has no image; keep one of image and empty',
    ],
    [
      'empty: yes',
      'empty: yes',
      '6:10: boot_disk.empty: expected true or false, found the text "yes"; did you mean true?',
    ],
    [
      'empty: "true"',
      'empty: "true"',
      '6:10: boot_disk.empty: expected true or false, found the text "true" (remove the quotes)',
    ],
    ['emtpy: true', 'emtpy: true', "6:3: boot_disk.emtpy: unknown key; did you mean 'empty'?"],
    ['imgae: /a', 'imgae: /a', "6:3: boot_disk.imgae: unknown key; did you mean 'image'?"],
    [
      'a relative path',
      'image: a.qcow2',
      '6:10: boot_disk.image: must be an absolute path on the hypervisor, starting with /, the name of an image that was pulled, such as debian-12, or a file of this machine, starting with ./, ../ or ~/, got "a.qcow2"',
    ],
    [
      'a home directory',
      'image: ~a',
      '6:10: boot_disk.image: must be an absolute path on the hypervisor, starting with /, the name of an image that was pulled, such as debian-12, or a file of this machine, starting with ./, ../ or ~/, got "~a"',
    ],
    ['a directory', 'image: /a/', '6:10: boot_disk.image: must name a file, not a directory, got "/a/"'],
    [
      'a control character',
      'image: "/a\\nb"',
      '6:10: boot_disk.image: must not hold control characters, got "/a\\nb"',
    ],
    ['NUL', 'image: "/a\\0"', '6:10: boot_disk.image: must not hold control characters, got "/a\\u0000"'],
    [
      'half a character',
      'image: "/a\\uD800"',
      '6:10: boot_disk.image: must not hold control characters, got "/a\\ud800"',
    ],
    ['a long path', `image: /${'a'.repeat(4096)}`, '6:10: boot_disk.image: must be shorter than 4096 bytes'],
    ['a nothing', 'image:', '6:9: boot_disk.image: expected text, found nothing'],
    [
      'a wrong format',
      'image: /a\n  format: vmdk',
      '7:11: boot_disk.format: must be qcow2 or raw, got "vmdk"',
    ],
    [
      'a shouted format',
      'image: /a\n  format: RAW',
      '7:11: boot_disk.format: must be qcow2 or raw, got "RAW"; did you mean raw?',
    ],
    [
      'a format that is a number',
      'image: /a\n  format: 1',
      '7:11: boot_disk.format: must be qcow2 or raw, got the number 1',
    ],
  ])('cannot have %s', (_, lines, diagnostic) => {
    expect(outcome(changed('image: /img/a.qcow2', lines))).toStrictEqual([
      'validation',
      `vm.yaml:${diagnostic}`,
    ]);
  });

  it('can have an image and say that it is not empty', () => {
    expect(outcome(changed('image: /img/a.qcow2', 'image: /a\n  empty: false'))).toStrictEqual(['loaded']);
  });
});

describe('data disks', () => {
  it.each([
    ['vda', 'vda is the boot disk; data disks are vdb to vdz'],
    ['sdb', 'must be vdb to vdz, got "sdb"'],
    ['vdaa', 'must be vdb to vdz, got "vdaa"'],
    ['VDB', 'must be vdb to vdz, got "VDB"'],
    ['/dev/vdb', 'must be vdb to vdz, got "/dev/vdb"'],
  ])('cannot be %s', (device, text) => {
    expect(outcome(`${SMALLEST}data_disks:\n  - device: ${device}\n    size_gb: 1\n`)).toStrictEqual([
      'validation',
      `vm.yaml:12:13: data_disks[0].device: ${text}`,
    ]);
  });

  it('cannot share a device, and the later one is named', () => {
    const disks = ['vdb', 'vdc', 'vdb', 'vdb'].map((device) => `  - { device: ${device}, size_gb: 1 }\n`);
    expect(outcome(`${SMALLEST}data_disks:\n${disks.join('')}`)).toStrictEqual([
      'validation',
      'vm.yaml:14:15: data_disks[2].device: vdb is already the device of data_disks[0]',
      'vm.yaml:15:15: data_disks[3].device: vdb is already the device of data_disks[0]',
    ]);
  });

  it.each([
    [
      'vdb',
      '11:13: data_disks: expected a list, found the text "vdb" (write each item on a line of its own, after "- ")',
    ],
    ['[vdb]', '11:14: data_disks[0]: expected a map of keys, found the text "vdb"'],
    ['[{device: vdb}]', '11:14: data_disks[0].size_gb: is required (a whole number)'],
    ['', '11:13: data_disks: expected a list, found nothing'],
    ['[null]', '11:14: data_disks[0]: expected a map of keys, found nothing'],
  ])('cannot be written as %j', (value, diagnostic) => {
    expect(outcome(`${SMALLEST}data_disks: ${value}\n`)).toStrictEqual([
      'validation',
      `vm.yaml:${diagnostic}`,
    ]);
  });
});
