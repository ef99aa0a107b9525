import { create } from 'xmlbuilder2';
import { literal } from '../literal.ts';
import { parseXml } from '../read/parse.ts';
import type { XmlElement } from '../read/parse.ts';
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

/** With a disk on other files. @param layers its `<source>` and `<backingStore>` */
export function withLayers(
  document: string,
  target: string,
  { format, layers }: { readonly format: string; readonly layers: string },
): string {
  const changes = spansOf(document, 'domain', 'devices', 'disk').flatMap((at) =>
    targetOf(parseXml(at.text)) === target ? [{ at, by: onLayers(at.text, format, layers) }] : [],
  );
  return replaced(document, changes);
}

function targetOf(disk: XmlElement): string | undefined {
  return disk.first('target')?.attribute('dev');
}

function onLayers(disk: string, format: string, layers: string): string {
  const [source, ...more] = spansOf(disk, 'disk', 'source');
  if (source === undefined) throw new Error('a disk without a source has no layers');
  const below = spansOf(disk, 'disk', 'backingStore');
  return replaced(disk, [
    ...spansOf(disk, 'disk', 'driver').map((at) => ({ at, by: withAttribute(at.text, 'type', format) })),
    { at: source, by: layers },
    ...[...more, ...below].map((at) => ({ at, by: '' })),
  ]);
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

/**
 * Layers of a disk that stands on a base image, or on nothing. The image stays its owner's, as create has
 * it.
 */
export function layersOn(
  path: string,
  base: { readonly image: string; readonly format: string } | undefined,
): string {
  const source = create()
    .ele('source', { file: literal(path) })
    .end({ headless: true });
  if (base === undefined) return source;
  const backing = create().ele('backingStore', { type: 'file' });
  backing.ele('format', { type: base.format });
  backing.ele('source', { file: literal(base.image) }).ele('seclabel', { model: 'dac', relabel: 'no' });
  backing.ele('backingStore');
  return `${source}${backing.end({ headless: true })}`;
}
