import { parseXml } from '../read/parse.ts';
import { readLayers } from './layers.ts';
import type { DiskLayers } from './layers.ts';
import { spansOf } from './spans.ts';

/** A snapshot as libvirt keeps it. https://libvirt.org/formatsnapshot.html */
export interface SnapshotRecord {
  readonly name: string;
  readonly description: string | undefined;
  /** Seconds since 1970. */
  readonly createdAt: number;
  /** The snapshot before it. */
  readonly parent: string | undefined;
  /** Of disks alone, each in a file of its own; another kind is in the images, or has the memory too. */
  readonly isOfDisksOnly: boolean;
  /** Inside the images, as a whole or in part. */
  readonly isInternal: boolean;
  /** What the VM would start from, as it was then. */
  readonly disks: readonly DiskLayers[];
  /** All of it, to be handed back to libvirt. */
  readonly xml: string;
}

/** @throws Error where it cannot be read */
export function readSnapshot(xml: string): SnapshotRecord {
  const root = parseXml(xml);
  const memory = root.first('memory')?.attribute('snapshot') ?? 'no';
  const kinds = root.all('disks', 'disk').map((disk) => disk.attribute('snapshot') ?? 'external');
  const domain = frozenDomain(xml);
  return {
    name: root.first('name')?.text() ?? '',
    description: root.first('description')?.text(),
    createdAt: Number(root.first('creationTime')?.text() ?? '0'),
    parent: root.first('parent', 'name')?.text(),
    isOfDisksOnly: memory === 'no' && kinds.includes('external') && !kinds.includes('internal'),
    isInternal: memory === 'internal' || kinds.includes('internal'),
    disks: domain === undefined ? [] : readLayers(domain),
    xml,
  };
}

/** The domain as it was stored; of one that ran libvirt keeps both. */
function frozenDomain(xml: string): string | undefined {
  const [stored] = spansOf(xml, 'domainsnapshot', 'inactiveDomain');
  if (stored !== undefined)
    return stored.text.replaceAll(/^<inactiveDomain|inactiveDomain>$/gu, (tag) =>
      tag.replace('inactiveDomain', 'domain'),
    );
  return spansOf(xml, 'domainsnapshot', 'domain')[0]?.text;
}
