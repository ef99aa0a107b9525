import { writeIso } from '../../../src/iso9660/write-iso.ts';
import type { IsoFile, IsoOptions } from '../../../src/iso9660/write-iso.ts';

export function text(name: string, content: string): IsoFile {
  return { name, bytes: Buffer.from(content) };
}

export const seed = [
  text('user-data', '#cloud-config\n{}\n'),
  text('meta-data', 'instance-id: one\n'),
  text('network-config', 'version: 2\n'),
];

/** The image of a seed, unless the options say otherwise. */
export function iso(options: Partial<IsoOptions> = {}): Uint8Array {
  return writeIso({
    volumeId: 'cidata',
    files: seed,
    createdAt: new Date('2026-03-04T05:06:07.890Z'),
    ...options,
  });
}

/** Files that hold their names. */
export function named(...names: string[]): IsoFile[] {
  return names.map((name) => text(name, name));
}
