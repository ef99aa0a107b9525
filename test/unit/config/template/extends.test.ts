import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, describe, expect, it, vi } from 'vitest';

import { VmFileReader } from '../../../../src/config/vm-file/reader.ts';
import { SMALLEST } from '../sample.ts';
import { inFolder } from './folder.ts';

const { checked, look, mistakes, folder } = inFolder();

describe('a file that extends another', () => {
  it('has what that has, key by key, and its own in place of it', async () => {
    const base = `${SMALLEST}tags: [a, b]\ncloud_init:\n  timezone: UTC\n  packages: [vim]\n`;
    const file = `extends: base.yaml
name: web
boot_disk: { size_gb: 33 }
tags: [c]
cloud_init: { +packages: [curl], ssh_pwauth: true }
`;
    const [vm] = await checked({ 'web.yaml': file, 'base.yaml': base });
    expect(vm?.diagnostics).toStrictEqual([]);
    const { machine } = vm ?? {};
    expect(machine).toMatchObject({ name: 'web', tags: ['c'], memoryMib: 4096 });
    expect(machine?.bootDisk).toMatchObject({ sizeGib: 33, image: '/img/a.qcow2' });
    expect(machine?.provisioning).toMatchObject({
      timezone: 'UTC',
      packages: ['vim', 'curl'],
      sshPasswordAuth: true,
    });
  });

  it('takes a key away that says null', async () => {
    const files = {
      'web.yaml': 'extends: base.yaml\nmemory_gib: null\nmemory_mib: 1536\n',
      'base.yaml': SMALLEST,
    };
    const [vm] = await checked(files);
    expect(vm?.machine?.memoryMib).toBe(1536);
  });

  it('does not with a key that says nothing', async () => {
    const files = { 'web.yaml': 'extends: base.yaml\nboot_disk:\n', 'base.yaml': SMALLEST };
    expect(await mistakes(files)).toStrictEqual([
      'web.yaml:2:11: boot_disk: expected a map of keys, found nothing',
    ]);
  });

  it('has its mistakes where they stand, be it in what it extends, once for all files', async () => {
    const files = {
      'a.yaml': 'extends: base/b.yaml\nname: aa\nvcpus: many\n',
      'b.yaml': 'extends: base/b.yaml\nname: bb\n',
      'base/b.yaml': 'extends: ./c.yaml\nboot_disk:\n  size_gb: -3\n',
      'base/c.yaml': `${SMALLEST.replace('10.0.0.2/24', 'nowhere')}tags: [a]\n`,
    };
    expect(await mistakes(files, ['a.yaml', 'b.yaml'])).toStrictEqual([
      'a.yaml:3:8: vcpus: expected a whole number, found the text "many"',
      'base/b.yaml:3:12: boot_disk.size_gb: must be at least 1, got -3',
      'base/c.yaml:8:9: network_interfaces[0].ip: must be an IPv4 address with a prefix length, such as 10.20.30.40/24, got "nowhere"',
    ]);
  });

  it('shows the line of the other file, without secrets in it', async () => {
    const files = {
      'a.yaml': 'extends: b.yaml\nname: aa\n',
      'b.yaml': `${SMALLEST}cloud_init:\n  root_password_hash: hunter2\n`,
    };
    const [vm] = await checked(files);
    expect(vm?.diagnostics[0]?.spot?.excerpt.text).toBe('  root_password_hash: (a secret, not shown)');
  });

  it('names files from where they are named', async () => {
    const files = {
      'a.yaml': 'extends: base/b.yaml\nname: aa\n',
      'base/b.yaml': `${SMALLEST}cloud_init:\n  user_data: user.yaml\n  # later\n`,
      'base/user.yaml': '#cloud-config\nruncmd: [ls]\n',
    };
    const [vm] = await checked(files);
    expect(vm?.diagnostics).toStrictEqual([]);
    expect(vm?.machine?.provisioning?.userData).toBe(files['base/user.yaml']);
  });

  it('brings images of this machine from where they are named', async () => {
    const files = {
      'a.yaml': 'extends: base/b.yaml\nname: aa\n',
      'base/b.yaml': SMALLEST.replace('/img/a.qcow2', './x.qcow2'),
      'base/x.qcow2': 'an image',
    };
    await checked(files);
    const [vm] = await look(['a.yaml'], new VmFileReader({ images: true }));
    expect(vm?.localImage?.path).toBe('./base/x.qcow2');
  });
});

describe('what a file cannot extend', () => {
  it('is itself, by however many files', async () => {
    const circle = {
      'a.yaml': 'extends: b.yaml\n',
      'b.yaml': 'extends: ./c.yaml\n',
      'c.yaml': 'extends: b.yaml\n',
    };
    expect(await mistakes(circle)).toStrictEqual([
      'c.yaml:1:10: extends: goes in a circle: a.yaml -> b.yaml -> c.yaml -> b.yaml: take it out of one of them',
    ]);
    expect(await mistakes({ 'a.yaml': 'extends: a.yaml\n' })).toStrictEqual([
      'a.yaml:1:10: extends: goes in a circle: a.yaml -> a.yaml: take it out of one of them',
    ]);
  });

  it('is more than eight files deep', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 9 }, (_, at) => [`${at}.yaml`, `extends: ${at + 1}.yaml\n`]),
    );
    const way = Array.from({ length: 9 }, (_, at) => `${at}.yaml`).join(' -> ');
    expect(await mistakes({ ...files, '9.yaml': SMALLEST })).toStrictEqual([
      `7.yaml:1:10: extends: goes through more than 8 files: ${way}`,
    ]);
  });

  it.each([
    ['what is no path', 'extends: [a]', 'a.yaml:1:10: extends: expected the path of a file, found a list'],
    ['nothing', 'extends:', 'a.yaml:1:9: extends: expected the path of a file, found nothing'],
    ['what is not there', 'extends: b', 'a.yaml:1:10: extends: "b" cannot be read: no such file'],
    [
      'a directory',
      'extends: ./',
      'a.yaml:1:10: extends: "./" is not below this file\'s own directory (--allow-outside-files reads it, file_roots in the settings allows a directory)',
    ],
    [
      'what is outside',
      'extends: ../../etc/hostname',
      'a.yaml:1:10: extends: "../../etc/hostname" is not below this file\'s own directory (--allow-outside-files reads it, file_roots in the settings allows a directory)',
    ],
  ])('is %s', async (_, text, mistake) => {
    expect(await mistakes({ 'a.yaml': text })).toStrictEqual([mistake]);
  });

  it('is behind a link to outside, or what makes readers wait', async () => {
    await symlink('/etc/hostname', join(folder(), 'link.yaml'));
    await promisify(execFile)('mkfifo', [join(folder(), 'pipe.yaml')]);
    expect(await mistakes({ 'a.yaml': 'extends: link.yaml' })).toStrictEqual([
      'a.yaml:1:10: extends: "link.yaml" is not below this file\'s own directory (--allow-outside-files reads it, file_roots in the settings allows a directory)',
    ]);
    expect(await mistakes({ 'a.yaml': 'extends: pipe.yaml' })).toStrictEqual([
      'a.yaml:1:10: extends: "pipe.yaml" cannot be read: it is not a regular file',
    ]);
  });

  it('is no YAML, no map, or several VMs', async () => {
    const a = 'extends: b.yaml';
    expect(await mistakes({ 'a.yaml': a, 'b.yaml': 'name: "x\n' })).toStrictEqual([
      'b.yaml:1:7: a quote is opened here and not closed',
    ]);
    expect(await mistakes({ 'a.yaml': a, 'b.yaml': '[1]' })).toStrictEqual([
      'b.yaml:1:1: expected a map of keys such as vcpus, found a list',
    ]);
    expect(await mistakes({ 'a.yaml': a, 'b.yaml': 'a: 1\n---\na: 2\n' })).toStrictEqual([
      'a.yaml:1:10: extends: "b.yaml" holds several VMs, the second at b.yaml:3:1: a base is one',
    ]);
  });

  it('is a list where there is none', async () => {
    const a = 'extends: b.yaml\n+vcpus: [1]\n+tags: a\n+data_disks: []\ndata_disks: []\n';
    expect(await mistakes({ 'a.yaml': a, 'b.yaml': SMALLEST })).toStrictEqual([
      'a.yaml:2:1: +vcpus: adds to a list, and vcpus is none (b.yaml:2:8)',
      'a.yaml:3:1: +tags: + before a key adds to a list: write its items below it',
      'a.yaml:4:1: +data_disks: data_disks stands beside it: keep one of them',
    ]);
    expect(await mistakes({ 'a.yaml': `${SMALLEST}+tags: [a]\n` })).toStrictEqual([
      "a.yaml:11:1: +tags: unknown key; did you mean 'tags'?",
    ]);
  });

  it('grows without an end', async () => {
    const words = Array.from({ length: 900 }, (_, at) => `w${at}`).join(', ');
    const row = `&r [${words}]`;
    const file = (base: string): string =>
      `${base}+data_disks: [${row}, ${Array.from({ length: 18 }, () => '*r').join(', ')}]\n`;
    const [vm] = await checked({
      'a.yaml': file('extends: b.yaml\n'),
      'b.yaml': file('extends: c.yaml\n'),
      'c.yaml': SMALLEST,
    });
    expect(vm?.diagnostics[0]?.text).toBe('comes to more than 20000 values, with all that it extends');
  });

  it('changes what all objects are', async () => {
    const a = 'extends: b.yaml\n__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }\n';
    const b = `${SMALLEST}__proto__: { polluted: 2 }\n`;
    const found = await mistakes({ 'a.yaml': a, 'b.yaml': b });
    expect(found.map((line) => line.replace(/;.*/u, ''))).toStrictEqual([
      'a.yaml:2:1: __proto__: unknown key',
      'a.yaml:3:1: constructor: unknown key',
    ]);
    expect('polluted' in {}).toBe(false);
  });
});

describe('several VMs in a file', () => {
  const SECOND = SMALLEST.replace('my-vm', 'other').replace('10.0.0.2', '10.0.0.3');

  it('are documents, of which empty ones do not count', async () => {
    const all = await checked({ 'a.yaml': `---\n${SMALLEST}---\n# nothing\n---\n${SECOND}---\n` });
    expect(all.map(({ machine }) => machine?.name)).toStrictEqual(['my-vm', 'other']);
  });

  it('have their mistakes each, and differ in name and address', async () => {
    const text = `${SMALLEST}---\n${SMALLEST.replace('vcpus: 2', 'vcpus: no')}`;
    expect(await mistakes({ 'a.yaml': text })).toStrictEqual([
      'a.yaml:12:7: name: my-vm is already the name of the VM in a.yaml:1:7',
      'a.yaml:13:8: vcpus: expected a whole number, found the text "no"',
      'a.yaml:19:9: network_interfaces[0].ip: 10.0.0.2 is already the address of the VM in a.yaml:8:9',
    ]);
  });

  it('are none where one is no YAML', async () => {
    const all = await checked({ 'a.yaml': `${SMALLEST}---\n{` });
    expect(all.map(({ refusal }) => refusal)).toStrictEqual(['config']);
  });

  it('each extend what they like', async () => {
    const text = `extends: b.yaml\nname: one\n---\n${SECOND}`;
    const all = await checked({ 'a.yaml': text, 'b.yaml': SMALLEST });
    expect(all.map(({ machine }) => machine?.name)).toStrictEqual(['one', 'other']);
  });
});

describe('a base below the home of the user', () => {
  afterEach(() => void vi.unstubAllEnvs());

  it('names files itself, from where it is', async () => {
    const files = {
      'vms/a.yaml': 'extends: ~/base/b.yaml\nname: web\n',
      'base/b.yaml': 'extends: c.yaml\n',
      'base/c.yaml': SMALLEST,
    };
    vi.stubEnv('HOME', folder());
    const [vm] = await checked(files, ['vms/a.yaml'], new VmFileReader({ anywhere: true }));
    expect([vm?.diagnostics, vm?.machine?.name]).toStrictEqual([[], 'web']);
  });

  it('has no name with a NUL character', async () => {
    expect(await mistakes({ 'a.yaml': String.raw`extends: "a\0b"` })).toStrictEqual([
      String.raw`a.yaml:1:10: extends: "a\u0000b" cannot be read: no name of a file holds a NUL character`,
    ]);
  });
});
