import { generateKeyPairSync } from 'node:crypto';
import type { VmContext } from '../../vm/context.ts';

/** Of an Ed25519 key: of both documents the last bytes. RFC 8410, 4 and 7 */
const ED25519_BYTES = 32;
/** Where the number stands in an ECPrivateKey of P-256, which is behind the version. RFC 5915, 3 */
const NUMBER = [7, 7 + 32] as const;
/** A point that is not compressed, at the end. RFC 5480, 2.2 */
const POINT_BYTES = 65;

const PUBLIC = { type: 'spki', format: 'der' } as const;

/**
 * Keys of the operating system's own dice. Written as documents as they are made: node 20 may wait for ever
 * for itself where it collects garbage while a key is exported, as it holds the lock of that key.
 */
export function newKeyPairs(): ReturnType<VmContext['newKeyPairs']> {
  const ed25519 = generateKeyPairSync('ed25519', {
    publicKeyEncoding: PUBLIC,
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  });
  const ecdsa = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: PUBLIC,
    privateKeyEncoding: { type: 'sec1', format: 'der' },
  });
  return {
    ed25519: {
      secret: ed25519.privateKey.subarray(-ED25519_BYTES),
      point: ed25519.publicKey.subarray(-ED25519_BYTES),
    },
    ecdsa: { secret: ecdsa.privateKey.subarray(...NUMBER), point: ecdsa.publicKey.subarray(-POINT_BYTES) },
  };
}
