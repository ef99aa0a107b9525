import { writeRecord } from '../../../../src/vm/image-store/record.ts';
import type { ImageRecord } from '../../../../src/vm/image-store/record.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { headOf } from '../fake/pieces.ts';

const STORE = '/images/plow.images';
export const RECORD: ImageRecord = {
  status: 'ready',
  isMade: true,
  token: 'a',
  name: 'debian',
  version: '20260101-1',
  url: 'https://example.com/debian.qcow2',
  format: 'qcow2',
  downloaded: `sha256:${'a'.repeat(64)}`,
  content: `sha256:${'a'.repeat(64)}`,
  bytes: 1000,
  capacityBytes: 2 ** 30,
  insecure: false,
  signedBy: null,
  plow: '0.1.0',
  at: '2026-01-02T00:00:00.000Z',
};

/** `/images/plow.images/debian-20260101-1.qcow2` */
export function pathOf({ name, version }: Pick<ImageRecord, 'name' | 'version'>): string {
  return `${STORE}/${name}-${version}.qcow2`;
}

/** A hypervisor with these images. */
export function hostWithImages(...changes: readonly Partial<ImageRecord>[]): TestContext {
  const context = testContext();
  const { hypervisor } = context;
  hypervisor.addDirectory('/images', 'base.qcow2');
  const files = new Map<string, string>();
  for (const change of changes) {
    const record = { ...RECORD, ...change };
    const path = pathOf(record);
    const file = path.slice(STORE.length + 1);
    files.set(file, `qcow2 ${2 ** 30}`).set(`${file}.plow.json`, 'raw 4096');
    hypervisor.contents.set(path, headOf(`qcow2 ${2 ** 30}`));
    hypervisor.contents.set(`${path}.plow.json`, writeRecord(record));
  }
  hypervisor.directories.set(STORE, files);
  return context;
}
