/** What two pairs of keys are made of. https://www.rfc-editor.org/rfc/rfc8032, SEC 1 */
export interface KeyPairs {
  /** The 32 bytes of the secret, and those of the public key. */
  readonly ed25519: { readonly secret: Uint8Array; readonly point: Uint8Array };
  /** On NIST P-256: the number as 32 bytes, and the point as 65, not compressed. */
  readonly ecdsa: { readonly secret: Uint8Array; readonly point: Uint8Array };
}

export interface HostKey {
  /** A file as sshd reads it. */
  readonly privateKey: string;
  /** Type and key, without a comment. */
  readonly publicKey: string;
}

/** By which a guest's sshd proves that it is the VM's. */
export interface HostKeys {
  readonly ed25519: HostKey;
  readonly ecdsa: HostKey;
}

/** The comment of each key, by which plow knows its own in a seed. */
export const KEY_COMMENT = 'made-by-plow';

const ED25519 = 'ssh-ed25519';
const CURVE = 'nistp256';
const ECDSA = `ecdsa-sha2-${CURVE}`;

/** Of a key without a passphrase. */
const BLOCK_BYTES = 8;
const WIDEST_LINE = 70;

/** Both pairs in OpenSSH's own format, as ssh-keygen writes it. */
export function openSshKeys({ ed25519, ecdsa }: KeyPairs): HostKeys {
  const both = Buffer.concat([ed25519.secret, ed25519.point]);
  return {
    ed25519: hostKey(ED25519, [ed25519.point], [ed25519.point, both]),
    ecdsa: hostKey(
      ECDSA,
      [Buffer.from(CURVE), ecdsa.point],
      [Buffer.from(CURVE), ecdsa.point, mpint(ecdsa.secret)],
    ),
  };
}

function hostKey(
  type: string,
  publicParts: readonly Uint8Array[],
  privateParts: readonly Uint8Array[],
): HostKey {
  const blob = strings([Buffer.from(type), ...publicParts]);
  return {
    publicKey: `${type} ${blob.toString('base64')}`,
    privateKey: privateFile(blob, strings([Buffer.from(type), ...privateParts, Buffer.from(KEY_COMMENT)])),
  };
}

/** https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key */
function privateFile(publicBlob: Buffer, fields: Buffer): string {
  // Two equal numbers, by which one that decrypts a key sees that it did: nothing is encrypted here.
  const check = publicBlob.subarray(-4);
  const plain = Buffer.concat([check, check, fields]);
  const padding = Uint8Array.from({ length: -plain.length & (BLOCK_BYTES - 1) }, (_, index) => index + 1);
  const none = Buffer.from('none');
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    strings([none, none, new Uint8Array()]),
    uint32(1),
    strings([publicBlob, Buffer.concat([plain, padding])]),
  ]);
  const lines = file.toString('base64').match(new RegExp(`.{1,${WIDEST_LINE}}`, 'gu')) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join(
    '\n',
  );
}

/** RFC 4251, 5: `string` */
function strings(values: readonly Uint8Array[]): Buffer {
  return Buffer.concat(values.flatMap((value) => [uint32(value.length), value]));
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** RFC 4251, 5: the bytes of an `mpint` that is positive. */
function mpint(number: Uint8Array): Uint8Array {
  const start = number.findIndex((byte) => byte !== 0);
  const bytes = start < 0 ? new Uint8Array() : number.subarray(start);
  return (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.alloc(1), bytes]);
}
