import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { VmContext } from '../../vm/context.ts';

/** RFC 5480, 2.2: a point that is not compressed. */
const UNCOMPRESSED = Buffer.from([4]);

/** Keys of the operating system's own dice. */
export function newKeyPairs(): ReturnType<VmContext['newKeyPairs']> {
  const ed25519 = numbersOf(generateKeyPairSync('ed25519').privateKey);
  const ecdsa = numbersOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  return {
    ed25519: { secret: ed25519.d, point: ed25519.x },
    ecdsa: { secret: ecdsa.d, point: Buffer.concat([UNCOMPRESSED, ecdsa.x, ecdsa.y]) },
  };
}

/** RFC 7518, 6.2 and RFC 8037, 2: numbers with all their bytes. */
function numbersOf(key: KeyObject): Record<'d' | 'x' | 'y', Buffer> {
  const { d = '', x = '', y = '' } = key.export({ format: 'jwk' });
  return { d: Buffer.from(d, 'base64url'), x: Buffer.from(x, 'base64url'), y: Buffer.from(y, 'base64url') };
}
