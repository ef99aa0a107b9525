/** Takes the digest of what it is given; as `createHash` of Node.js makes it. */
export interface Hasher {
  update(bytes: Uint8Array): unknown;
  digest(encoding: 'hex'): string;
}

/** Makes one that has been given nothing yet. */
export type NewHasher = (algorithm: 'sha256' | 'sha512') => Hasher;

/** Whether two are the same bytes. */
export function areSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
