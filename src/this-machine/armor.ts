const BLOCK =
  /^-----BEGIN PGP PUBLIC KEY BLOCK-----\s*?$(?<body>[^]*?)^-----END PGP PUBLIC KEY BLOCK-----\s*?$/gmu;
const BEGIN = '-----BEGIN PGP PUBLIC KEY BLOCK-----';

/**
 * Keys without their armour (RFC 9580, 6.2), since gpgv before 2.4 reads none that have it; of several blocks
 * all. What has none is given back as it is.
 */
export function dearmored(keys: Buffer): Buffer {
  if (!keys.includes(BEGIN)) return keys;
  const blocks = [...keys.toString('latin1').matchAll(BLOCK)].map(({ groups }) => groups?.['body'] ?? '');
  return Buffer.concat(blocks.map((body) => Buffer.from(base64In(body), 'base64')));
}

/** Without headers, which end with an empty line, and without the checksum. */
function base64In(body: string): string {
  const lines = body.split('\n').map((line) => line.trim());
  const start = lines.findIndex((line, index) => index > 0 && line === '');
  return lines
    .slice(start + 1)
    .filter((line) => !line.startsWith('='))
    .join('');
}
