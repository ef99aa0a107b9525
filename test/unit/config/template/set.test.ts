import { describe, expect, it } from 'vitest';

import { VmFileReader } from '../../../../src/config/vm-file/reader.ts';
import { SMALLEST } from '../sample.ts';
import { inFolder } from './folder.ts';

const { checked, mistakes } = inFolder();

const set = (...words: readonly string[]): VmFileReader => new VmFileReader({ set: words });

async function written(word: string, text = SMALLEST): Promise<unknown> {
  const [vm] = await checked({ 'a.yaml': text }, ['a.yaml'], set(word));
  return vm?.written;
}

async function wrong(...words: readonly string[]): Promise<readonly string[]> {
  return mistakes({ 'a.yaml': SMALLEST }, ['a.yaml'], set(...words));
}

describe('a value that is set', () => {
  it.each([
    ['name=web-3', { name: 'web-3' }],
    ['memory_gib=16', { memory_gib: 16 }],
    ['autostart=false', { autostart: false }],
    ['network_interfaces.0.ip=10.0.0.3/24', { network_interfaces: [{ ip: '10.0.0.3/24' }] }],
    ['network_interfaces[0].ip=10.0.0.3/24', { network_interfaces: [{ ip: '10.0.0.3/24' }] }],
    ['cloud_init.timezone=UTC', { cloud_init: { timezone: 'UTC' } }],
    ['tags=[web, db]', { tags: ['web', 'db'] }],
    ['boot_disk={size_gb: 5, empty: true}', { boot_disk: { size_gb: 5, empty: true } }],
    ['description=a: b # c', { description: 'a: b # c' }],
    ['description="16"', { description: '16' }],
    ['description=', { description: '' }],
    ['description=a=b', { description: 'a=b' }],
    ['description=*x', { description: '*x' }],
    ['description={x}', { description: '{x}' }],
    ['description=[draft] web', { description: '[draft] web' }],
  ])('by %s', async (word, expected) => {
    expect(await written(word)).toMatchObject(expected);
  });

  it('as null takes the key away', async () => {
    expect(Object.keys((await written('memory_gib=null')) as object)).not.toContain('memory_gib');
  });

  it('comes after what a file extends, and before its rows', async () => {
    const files = { 'a.yaml': 'extends: b.yaml\nvcpus: 1\n', 'b.yaml': SMALLEST };
    const all = await checked(files, ['a.yaml'], set('count=2', 'name=x{n}', 'vcpus=3'));
    expect(all.map(({ machine }) => [machine?.name, machine?.vcpus])).toStrictEqual([
      ['x1', 3],
      ['x2', 3],
    ]);
  });

  it.each([
    ['nam=web', "--set: nam: unknown key; did you mean 'name'?"],
    ['memory_gib=many', '--set: memory_gib: expected a whole number, found the text "many"'],
    [
      'network_interfaces.1.ip=10.0.0.3/24',
      '--set: network_interfaces[1].ip: network_interfaces has 1 item, 0, and no 1',
    ],
    ['data_disks.0.size_gb=5', '--set: data_disks[0].size_gb: data_disks has no items'],
    ['name.first=x', '--set: name.first: name is no map here, and has no first'],
    ['boot_disk.size=5', "--set: boot_disk.size: unknown key; did you mean 'size_gb'?"],
    ['network_interfaces.ip=x', '--set: network_interfaces.ip: network_interfaces has 1 item, 0, and no ip'],
    ['extends=b.yaml', '--set: extends: can stand in a file only'],
    ['__proto__.x=1', '--set: __proto__.x: '],
  ])('is refused as %s', async (word, mistake) => {
    const [line] = await wrong(word);
    expect(line).toContain(mistake);
    expect('x' in {}).toBe(false);
  });

  it('does not show a secret', async () => {
    const lines = await wrong('cloud_init.root_password_hash=hunter2');
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('hunter2');
  });

  it('is told once for all files', async () => {
    const files = { 'a.yaml': SMALLEST, 'b.yaml': SMALLEST.replace('my-vm', 'bb').replace('0.2/', '0.3/') };
    expect(await mistakes(files, ['a.yaml', 'b.yaml'], set('vcpus=0'))).toStrictEqual([
      '--set: vcpus: must be at least 1, got 0',
    ]);
  });
});

describe('numbers of rows that are set', () => {
  it.each([
    [['each=[{x: 1.10}]', 'description=v{x}!'], 'v1.10!'],
    [['each=[{x: 1.10}]', 'description={x}'], '1.10'],
    [['each=[{x: &a 1.10, y: *a}]', 'description=v{y}'], 'v1.10'],
  ])('are in texts as they are written: %j', async (words, expected) => {
    const [vm] = await checked({ 'a.yaml': SMALLEST }, ['a.yaml'], set(...words));
    expect(vm?.machine?.description).toBe(expected);
  });
});
