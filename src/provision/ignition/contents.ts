import { gunzipSync } from 'node:zlib';
import { isMap, valueAt } from '../../config/yaml/raw-value.ts';

/** Far more than any config has: what is longer is not read. */
const MOST_BYTES = 16 * 1024 * 1024;
const DATA_URL = /^data:(?<type>[^,]*),(?<data>[^]*)$/iu;

/**
 * What the data: URLs of a config hold, wherever they stand.
 * @param value the config, or a part of it @throws Error for one that cannot be read
 */
export function contentsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(contentsIn);
  if (!isMap(value)) return [];
  const source = valueAt(value, 'source');
  const own = typeof source === 'string' && DATA_URL.exec(source);
  const contents = own ? [decoded(own, valueAt(value, 'compression') === 'gzip')] : [];
  return [...contents, ...Object.values(value).flatMap(contentsIn)];
}

/** https://www.rfc-editor.org/rfc/rfc2397 */
function decoded({ groups }: RegExpExecArray, isPacked: boolean): string {
  const { type = '', data = '' } = groups ?? {};
  const bytes = /;base64$/iu.test(type) ? fromBase64(decodeURIComponent(data)) : fromPercent(data);
  const plain = isPacked ? gunzipSync(bytes, { maxOutputLength: MOST_BYTES }) : bytes;
  return new TextDecoder('utf-8', { fatal: true }).decode(plain);
}

function fromBase64(data: string): Buffer {
  if (!/^[\w+/-]*={0,2}\s*$/u.test(data)) throw new Error('not base64');
  return Buffer.from(data, 'base64');
}

function fromPercent(data: string): Buffer {
  const pairs = data.replaceAll(/%([0-9a-f]{2})/giu, (_, code: string) =>
    String.fromCodePoint(Number.parseInt(code, 16)),
  );
  return Buffer.from(pairs, 'latin1');
}
