import { create } from 'xmlbuilder2';
import { literal } from '../literal.ts';
import { parseXml } from '../read/parse.ts';
import type { XmlElement } from '../read/parse.ts';
import { replaced, spansOf } from './spans.ts';

/** What a disk stands on, in the words of the document that names it. */
export interface DiskLayers {
  /** `vda` */
  readonly target: string;
  /** Path of its file; undefined where it is no file. */
  readonly path: string | undefined;
  /** `qcow2`, `raw` */
  readonly format: string;
  /** Paths from the disk's own file down, as far as the document says. */
  readonly paths: readonly string[];
  /** Its `<source>` and `<backingStore>` as they are written. */
  readonly text: string;
}

/** The disks of a domain's document that a guest can write to, and that are no other machine's as well. */
export function readLayers(domainDocument: string): readonly DiskLayers[] {
  return spansOf(domainDocument, 'domain', 'devices', 'disk').flatMap(({ text }) => {
    const layers = layersOf(text);
    return layers === undefined ? [] : [layers];
  });
}

function layersOf(disk: string): DiskLayers | undefined {
  const element = parseXml(disk);
  if ((element.attribute('device') ?? 'disk') !== 'disk') return undefined;
  if (element.first('readonly') !== undefined) return undefined;
  const paths: string[] = [];
  for (
    let layer: XmlElement | undefined = element;
    layer !== undefined;
    layer = layer.first('backingStore')
  ) {
    const path = layer.first('source')?.attribute('file');
    if (path !== undefined) paths.push(path);
  }
  const isFile = (element.attribute('type') ?? 'file') === 'file' && element.first('shareable') === undefined;
  const parts = [...spansOf(disk, 'disk', 'source'), ...spansOf(disk, 'disk', 'backingStore')];
  return {
    target: element.first('target')?.attribute('dev') ?? '?',
    path: isFile ? element.first('source')?.attribute('file') : undefined,
    format: element.first('driver')?.attribute('type') ?? 'raw',
    paths,
    text: parts.map(({ text }) => text).join(''),
  };
}

/** A new file for a disk to write to, on layers that are not written to any more. */
export interface Overlay {
  readonly path: string;
  readonly on: DiskLayers;
}

/**
 * A domain's document in which disks, by target, have a new layer. Of all else no character is changed.
 * https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
 */
export function withOverlays(domainDocument: string, overlays: ReadonlyMap<string, Overlay>): string {
  const changes = spansOf(domainDocument, 'domain', 'devices', 'disk').flatMap((at) => {
    const overlay = overlays.get(layersOf(at.text)?.target ?? '');
    return overlay === undefined ? [] : [{ at, by: standing(at.text, overlay) }];
  });
  return replaced(domainDocument, changes);
}

function standing(disk: string, { path, on }: Overlay): string {
  const [source, ...more] = spansOf(disk, 'disk', 'source');
  const below = spansOf(disk, 'disk', 'backingStore');
  if (source === undefined) throw new Error('a disk without a source has no layers');
  const own = create()
    .ele('source', { file: literal(path) })
    .end({ headless: true });
  const backing = `<backingStore type='file'><format type='${on.format}'/>${on.text}</backingStore>`;
  return replaced(disk, [
    ...spansOf(disk, 'disk', 'driver').map((at) => ({ at, by: asQcow2(at.text) })),
    { at: source, by: `${own}${backing}` },
    ...[...more, ...below].map((at) => ({ at, by: '' })),
  ]);
}

/** Whatever is below: an overlay is qcow2. */
function asQcow2(driver: string): string {
  const type = /\stype=(?:'[^']*'|"[^"]*")/u;
  return type.test(driver)
    ? driver.replace(type, " type='qcow2'")
    : driver.replace('<driver', "<driver type='qcow2'");
}
