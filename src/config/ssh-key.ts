import { quote } from './show.ts';

/** Key types that OpenSSH still accepts, each with the number of fields of its blob (RFC 4253 6.6, RFC 5656, RFC 8709, PROTOCOL.u2f). */
const FIELDS: Readonly<Record<string, number>> = {
  'ssh-ed25519': 2,
  'ssh-rsa': 3,
  'ecdsa-sha2-nistp256': 3,
  'ecdsa-sha2-nistp384': 3,
  'ecdsa-sha2-nistp521': 3,
  'sk-ssh-ed25519@openssh.com': 3,
  'sk-ecdsa-sha2-nistp256@openssh.com': 4,
};

/** Why a text is not one line of an OpenSSH .pub file, or undefined if it is. Key material is never repeated. */
export function sshKeyMistake(text: string): string | undefined {
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
  const [type = '', blob = ''] = text.split(/[ \t]+/);
  const fields = Object.hasOwn(FIELDS, type) ? FIELDS[type] : undefined;
  return fields === undefined ? typeMistake(text, type) : blobMistake(type, blob, fields);
}

function typeMistake(text: string, type: string): string {
  if (type === 'ssh-dss') {
    return 'ssh-dss keys are no longer accepted by OpenSSH; use an ssh-ed25519 key';
  }
  const known = Object.keys(FIELDS);
  if (known.some((name) => text.includes(` ${name} `))) {
    return 'must start with the key type; options before it are not supported';
  }
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
