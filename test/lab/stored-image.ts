import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeRecord } from '../../src/vm/image-store/record.ts';
import type { ImageRecord } from '../../src/vm/image-store/record.ts';
import type { Lab } from './lab.ts';

/** Where a host keeps images that were pulled, as it sees it itself. */
export const STORE = '/var/lib/libvirt/images/plow.images';

/** What is said of such an image unless a test says otherwise. */
type About = Pick<ImageRecord, 'name' | 'format'> & Partial<ImageRecord>;

/** Puts an image where pull would, with its record. @returns its path as the host sees it */
export async function storeImage(lab: Lab, host: string, source: string, about: About): Promise<string> {
  const record: ImageRecord = {
    status: 'ready',
    isMade: true,
    token: 'of-a-test',
    version: '1',
    url: 'https://example.com/disk',
    downloaded: null,
    content: null,
    bytes: 1,
    capacityBytes: 1,
    insecure: false,
    signedBy: null,
    plow: '0.1.0',
    at: '2026-11-01T00:00:00.000Z',
    ...about,
  };
  const file = `${record.name}-${record.version}.${record.format}`;
  const directory = join(lab.images(host), 'plow.images');
  await mkdir(directory, { recursive: true, mode: 0o711 });
  await copyFile(source, join(directory, file));
  await writeFile(join(directory, `${file}.plow.json`), writeRecord(record));
  return join(STORE, file);
}
