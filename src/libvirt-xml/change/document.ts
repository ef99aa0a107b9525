import { parseXml } from '../read/parse.ts';
import { replaced, spansOf } from '../snapshot/spans.ts';

/** Changes of a domain's document, for who defines it again. Of all else no character is changed. */

interface Namespace {
  readonly prefix: string;
  readonly uri: string;
}

/**
 * With another element of plow's in its metadata, or without it.
 * @param element as virDomainSetMetadata takes it, without its namespace; undefined takes it away
 */
export function withMetadata(
  document: string,
  name: string,
  { prefix, uri }: Namespace,
  element: string | undefined,
): string {
  const uuid = parseXml(document).first('uuid')?.text().trim();
  const there = spansOf(document, 'domain', 'metadata', `${prefix}:${name}`).filter(({ text }) => {
    const one = parseXml(text);
    return one.attribute(`xmlns:${prefix}`) === uri && one.attribute('uuid') === uuid;
  });
  const now = element === undefined ? '' : named(element, name, { prefix, uri });
  const [first, ...others] = there;
  if (first !== undefined)
    return replaced(document, [{ at: first, by: now }, ...others.map((at) => ({ at, by: '' }))]);
  if (now === '') return document;
  const [metadata] = spansOf(document, 'domain', 'metadata');
  if (metadata === undefined) throw new Error('a document without metadata is of no VM of plow');
  const by = metadata.text.replace(/<\/metadata>$/u, () => `${now}</metadata>`);
  return replaced(document, [{ at: metadata, by }]);
}

function named(element: string, name: string, { prefix, uri }: Namespace): string {
  return element
    .replace(new RegExp(`^<${name}`, 'u'), () => `<${prefix}:${name} xmlns:${prefix}="${uri}"`)
    .replace(new RegExp(`</${name}>$`, 'u'), () => `</${prefix}:${name}>`);
}

/** With another file in the drive, or the entry of fw_cfg, that has one. */
export function withFile(document: string, from: string, to: string): string {
  const disks = spansOf(document, 'domain', 'devices', 'disk').filter(({ text }) => fileOf(text) === from);
  const entries = spansOf(document, 'domain', 'sysinfo', 'entry').filter(
    ({ text }) => parseXml(text).attribute('file') === from,
  );
  return replaced(document, [
    ...disks.map((at) => ({ at, by: driveWith(at.text, to) })),
    ...entries.map((at) => ({ at, by: withAttribute(at.text, 'file', to) })),
  ]);
}

/** The element of the drive that has a file, with another one in it; undefined where none has it. */
export function driveWithFile(document: string, from: string, to: string): string | undefined {
  const drive = spansOf(document, 'domain', 'devices', 'disk').find(({ text }) => fileOf(text) === from);
  if (drive === undefined || parseXml(drive.text).attribute('device') !== 'cdrom') return undefined;
  return driveWith(drive.text, to);
}

function fileOf(disk: string): string | undefined {
  return parseXml(disk).first('source')?.attribute('file');
}

function driveWith(disk: string, path: string): string {
  const [source] = spansOf(disk, 'disk', 'source');
  return source === undefined
    ? disk
    : replaced(disk, [{ at: source, by: withAttribute(source.text, 'file', path) }]);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', "'": '&apos;' };

/** In the first tag of a text. */
function withAttribute(text: string, name: string, value: string): string {
  const written = `${name}='${value.replaceAll(/[&<']/gu, (one) => ENTITIES[one] ?? one)}'`;
  const there = new RegExp(`^(<[^>]*?\\s)${name}=(?:'[^']*'|"[^"]*")`, 'u');
  return there.test(text)
    ? text.replace(there, (_, before: string) => `${before}${written}`)
    : text.replace(/^<[\w:-]+/u, (start) => `${start} ${written}`);
}
