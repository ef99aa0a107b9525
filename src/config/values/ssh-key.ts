import { quote } from '../../text/quote.ts';

/**
 * Key types that OpenSSH knows, each with the number of fields of its blob (RFC 4253 6.6, RFC 5656, RFC 8709,
 * PROTOCOL.u2f).
 */
const FIELDS: Readonly<Record<string, number>> = {
  'ssh-ed25519': 2,
  'ssh-rsa': 3,
  'ecdsa-sha2-nistp256': 3,
  'ecdsa-sha2-nistp384': 3,
  'ecdsa-sha2-nistp521': 3,
  'sk-ssh-ed25519@openssh.com': 3,
  'sk-ecdsa-sha2-nistp256@openssh.com': 4,
  'ssh-dss': 5,
};

/** What some distributions refuse below (RequiredRSASize in sshd_config(5)), and NIST SP 800-131A forbids. */
const LEAST_RSA_BITS = 2048;

/**
 * Why a text is not one line of authorized_keys (sshd(8)), or undefined if it is. Key material is never
 * repeated.
 * @param mayQuote what stands where the type should
 */
export function sshKeyMistake(text: string, mayQuote = true): string | undefined {
  if (text.includes('PRIVATE KEY')) {
    return 'this is a private key, which must never leave its owner: give the public key, the line in the .pub file';
  }
  // To cloud-init's YAML 1.1 the separators of Unicode end a line as well.
  if (/[\r\n\p{Zl}\p{Zp}]/u.test(text)) {
    return 'must be one line; write each key as an item of the list';
  }
  if (/[^\P{C}\t]/u.test(text)) {
    return 'must not hold control characters';
  }
  const { type, blob } = split(text);
  const fields = Object.hasOwn(FIELDS, type) ? FIELDS[type] : undefined;
  return fields === undefined ? typeMistake(mayQuote ? type : '') : blobMistake(type, blob, fields);
}

/** What is odd about a key that is one, or undefined. */
export function sshKeyDoubt(text: string): string | undefined {
  const { type, blob } = split(text);
  if (type === 'ssh-dss') return 'OpenSSH takes no ssh-dss keys any more (since 7.0); use an ssh-ed25519 key';
  if (type !== 'ssh-rsa') return undefined;
  const bits = bitLength(readFields(Buffer.from(blob, 'base64'))?.[2] ?? '');
  return bits < LEAST_RSA_BITS
    ? `an RSA key of ${bits} bits is too short, and some guests refuse it: use ${LEAST_RSA_BITS} or more, or an ssh-ed25519 key`
    : undefined;
}

/** Options may stand before the type: words with commas between them, with spaces only in double quotes. */
const OPTIONS = /^(?:"(?:[^"\\]|\\.)*"|[^\s"])+[ \t]+/u;

function split(text: string): { readonly type: string; readonly blob: string } {
  const [type = '', blob = ''] = text.split(/[ \t]+/);
  if (Object.hasOwn(FIELDS, type)) return { type, blob };
  const [later = '', laterBlob = ''] = text.replace(OPTIONS, '').split(/[ \t]+/);
  return Object.hasOwn(FIELDS, later) ? { type: later, blob: laterBlob } : { type, blob };
}

function typeMistake(type: string): string {
  const known = Object.keys(FIELDS).filter((name) => name !== 'ssh-dss');
  const found = /^[a-z][a-z0-9@.-]{2,40}$/.test(type) ? `, got ${quote(type)}` : '';
  return `must be a public key, "type base64 comment" with a type of ${known.join(', ')}${found}`;
}

function blobMistake(type: string, blob: string, fields: number): string | undefined {
  if (blob === '') {
    return `has no key after ${type}`;
  }
  const bytes = Buffer.from(blob, 'base64');
  if (bytes.toString('base64') !== blob) {
    return `is not a key: what follows ${type} is not base64`;
  }
  const inside = readFields(bytes);
  if (inside?.[0] !== undefined && inside[0] !== type) {
    return `is not a key: it says ${type}, but what follows is of another type`;
  }
  return inside?.length === fields ? undefined : `is not a whole ${type} key: it was cut off or changed`;
}

/** Strings with a 32-bit length before each (RFC 4251 5); undefined if they do not fill the bytes exactly. */
function readFields(bytes: Buffer): readonly string[] | undefined {
  const fields: string[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (offset + 4 > bytes.length) {
      return undefined;
    }
    const end = offset + 4 + bytes.readUInt32BE(offset);
    if (end > bytes.length) {
      return undefined;
    }
    fields.push(bytes.toString('latin1', offset + 4, end));
    offset = end;
  }
  return fields;
}

/** Of an unsigned number as RFC 4251 5 writes it: a zero byte may stand first. */
function bitLength(mpint: string): number {
  const bytes = Buffer.from(mpint, 'latin1');
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24;
}
