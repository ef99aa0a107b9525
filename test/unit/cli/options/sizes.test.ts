import { expect, it } from 'vitest';
import { diskSizeOf, memoryMibOf, vcpusOf } from '../../../../src/cli/options/sizes.ts';

it('reads GiB, disks and counts', () => {
  expect(['4', '1.5', '0.25'].map(memoryMibOf)).toStrictEqual([4096, 1536, 256]);
  expect(vcpusOf('4096')).toBe(4096);
  expect(diskSizeOf('vda=9', diskSizeOf('vdb=200', undefined))).toStrictEqual(
    new Map([
      ['vdb', 200],
      ['vda', 9],
    ]),
  );
});

it.each([
  () => memoryMibOf('0'),
  () => memoryMibOf('1.0001'),
  () => memoryMibOf('4G'),
  () => memoryMibOf('65537'),
  () => memoryMibOf(''),
  () => vcpusOf('0'),
  () => vcpusOf('1.5'),
  () => vcpusOf('4097'),
  () => diskSizeOf('vdb', undefined),
  () => diskSizeOf('vdb=', undefined),
  () => diskSizeOf('vdb=-1', undefined),
  () => diskSizeOf('/dev/vdb=1', undefined),
  () => diskSizeOf('vdb=1', new Map([['vdb', 2]])),
])('%s is refused', (read) => {
  expect(read).toThrow(/expected|has a size already/u);
});
