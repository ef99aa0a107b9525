import { createHash } from 'node:crypto';
import { writeRecord } from '../../../../src/vm/image-store/record.ts';
import type { ImageRecord } from '../../../../src/vm/image-store/record.ts';
import type { PullTools, WantedImage } from '../../../../src/vm/pull/wanted.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { headOf } from '../fake/pieces.ts';

const CHUNK = 100_000;

/** A qcow2 image with a hole of zeros in the middle. */
export const IMAGE = (() => {
  const bytes = new Uint8Array(700_000);
  bytes.set(headOf(`qcow2 ${2 ** 30}`));
  bytes.fill(7, 70_000, 200_000);
  bytes.fill(9, 600_000, 700_000);
  return bytes;
})();

export const HEX = createHash('sha256').update(IMAGE).digest('hex');
export const VERSION = HEX.slice(0, 12);
export const PLACE = '/images/plow.images';
export const PATH = `${PLACE}/debian-${VERSION}.qcow2`;

export const WANTED: WantedImage = {
  name: 'debian',
  version: undefined,
  url: 'https://me:secret@example.com/debian.qcow2?token=secret',
  format: undefined,
  downloaded: { algorithm: 'sha256', hex: HEX },
  content: undefined,
  insecure: false,
  signedBy: null,
};

/** Serves bytes, counts what is asked for, and does something before a chunk. */
export function tools(bytes: Uint8Array = IMAGE, before: (chunk: number) => void = () => {}): Served {
  const served: Served = {
    opened: 0,
    given: 0,
    open: async () => {
      served.opened += 1;
      return { bytes: bytes.length, chunks: chunks(), close: () => {} };
    },
    unpacked: (all, _name, _mostBytes, tell) => {
      tell(false);
      return all;
    },
    newHasher: (algorithm) => createHash(algorithm),
  };
  async function* chunks(): AsyncGenerator<Uint8Array, void> {
    for (let at = 0; at < bytes.length; at += CHUNK) {
      before(served.given);
      served.given += 1;
      yield bytes.slice(at, at + CHUNK);
    }
  }
  return served;
}

interface Served extends PullTools {
  opened: number;
  given: number;
}

/** A host without an image. */
export function host(): TestContext {
  const context = testContext();
  context.hypervisor.addDirectory('/images');
  return context;
}

/** A host on which another plow has begun. */
export function hostWith(record: Partial<ImageRecord>, bytes: Uint8Array): TestContext {
  const context = host();
  const whole: ImageRecord = {
    status: 'pulling',
    isMade: true,
    token: 'other',
    name: 'debian',
    version: VERSION,
    url: 'https://example.com/debian.qcow2',
    format: 'qcow2',
    downloaded: null,
    content: null,
    bytes: null,
    capacityBytes: null,
    insecure: false,
    signedBy: null,
    plow: '0.1.0',
    at: '2026-11-01T00:00:00.000Z',
    ...record,
  };
  const name = PATH.slice(PLACE.length + 1);
  context.hypervisor.directories.set(
    PLACE,
    new Map([
      [name, 'raw 0'],
      [`${name}.plow.json`, 'raw 0'],
    ]),
  );
  context.hypervisor.contents.set(PATH, bytes);
  context.hypervisor.contents.set(`${PATH}.plow.json`, writeRecord(whole));
  return context;
}
