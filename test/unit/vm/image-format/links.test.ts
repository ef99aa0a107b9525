import { describe, expect, it } from 'vitest';
import { pathsNamed, readImageLinks } from '../../../../src/vm/image-format/links.ts';

const NOTHING = { backing: undefined, backingFormat: undefined, dataFile: undefined };

/** A qcow2 head as qemu-img writes it: header, extensions, name of the backing file. */
function qcow2(
  backing: string,
  extensions: readonly (readonly [type: number, text: string])[] = [],
  version = 3,
): Buffer {
  const bytes = Buffer.alloc(4096);
  bytes.write('QFI\u{fb}', 'latin1');
  bytes.writeUInt32BE(version, 4);
  bytes.writeUInt32BE(112, 100);
  let at = version === 2 ? 72 : 112;
  for (const [type, text] of extensions) {
    bytes.writeUInt32BE(type, at);
    bytes.writeUInt32BE(text.length, at + 4);
    bytes.write(text, at + 8);
    at += 8 + Math.ceil(text.length / 8) * 8;
  }
  at += 8;
  if (backing !== '') bytes.writeBigUInt64BE(BigInt(at), 8);
  bytes.writeUInt32BE(backing.length, 16);
  bytes.write(backing, at);
  return bytes;
}

function qed(features: number): Buffer {
  const bytes = Buffer.alloc(4096);
  bytes.write('QED\0', 'latin1');
  bytes.writeUInt32LE(features, 16);
  bytes.writeUInt32LE(64, 56);
  bytes.writeUInt32LE(5, 60);
  bytes.write('/base', 64);
  return bytes;
}

describe('what an image names', () => {
  it.each<[string, Uint8Array, object | undefined]>([
    ['a qcow2 image without any', qcow2(''), NOTHING],
    ['a backing file', qcow2('/base'), { ...NOTHING, backing: '/base' }],
    [
      'one of version 2',
      qcow2('/base', [[0xe2792aca, 'raw']], 2),
      { ...NOTHING, backing: '/base', backingFormat: 'raw' },
    ],
    [
      'a data file',
      qcow2('', [
        [0x6803f857, 'x'],
        [0x44415441, '/data'],
      ]),
      { ...NOTHING, dataFile: '/data' },
    ],
    ['a qed image', qed(1), { ...NOTHING, backing: '/base' }],
    ['a qed image without any', qed(0), NOTHING],
    [
      'a vmdk image',
      Buffer.from(`# Disk DescriptorFile\n${' '.repeat(60)}parentFileNameHint="base.vmdk"\n`),
      { ...NOTHING, backing: 'base.vmdk' },
    ],
    ['a vmdk image without any', Buffer.from(`# Disk DescriptorFile\n${' '.repeat(80)}CID=1\n`), NOTHING],
    ['a raw file', Buffer.alloc(4096, 7), NOTHING],
    ['a file of a few bytes', Buffer.from('QFI'), NOTHING],
    ['a name behind the head', qcow2('/base').subarray(0, 112), undefined],
    ['a name behind the head, of which the file goes on', qcow2('/base').subarray(0, 123), undefined],
    ['a name at the very end of the head', qcow2('/base').subarray(0, 125), { ...NOTHING, backing: '/base' }],
    ['an extension at the very end of the head', qcow2('', [[1, 'x'.repeat(8)]]).subarray(0, 128), NOTHING],
    ['extensions behind the head', qcow2('', [[1, 'x'.repeat(900)]]).subarray(0, 512), undefined],
  ])('%s', (_, head, links) => {
    expect(readImageLinks(head)).toStrictEqual(links);
  });

  it.each<[string, readonly string[] | undefined]>([
    ['/images/base', ['/images/base']],
    ['base', ['/vms/a/base']],
    ['../b/./base', ['/vms/b/base', '/vms/a/../b/base']],
    ['/srv//link/../base', ['/srv/base', '/srv/link/../base']],
    ['file:../base', ['/vms/base', '/vms/a/../base', '/base', '/../base']],
    ['nbd://server/link/../base', ['/server/base', '/server/link/../base']],
    ['json:{"file.filename":"../base"}', ['/vms/base', '/vms/a/../base', '/base', '/../base']],
    ['file:/images/base', ['/images/base', '/images/base']],
    ['file:base', ['/vms/a/base', '/base']],
    ['nbd://server/export', ['/server/export']],
    ['nbd:unix', []],
    ['blkdebug::/images/base', ['/images/base']],
    ['json:{"driver":"qcow2","file":{"driver":"file","filename":"/base"}}', ['/base', '/base']],
    ['json:{"file.filename":"base"}', ['/vms/a/base', '/base']],
    ['json:{"driver":"nbd","host":"server"}', []],
    ['json:{', undefined],
    ['json:null', []],
    ['json:{"file":null,"path":"/base"}', ['/base', '/base']],
  ])('%s may mean', (name, paths) => {
    expect(pathsNamed(name, '/vms/a/top.qcow2')).toStrictEqual(paths);
  });
});
