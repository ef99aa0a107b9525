import { ARCHES } from '../../config/machine.ts';
import type { Arch } from '../../config/machine.ts';
import type { CatalogDocument } from '../../documents/images/catalog-schema.ts';
import type { CatalogEntry } from '../../images/catalog/entry.ts';
import { printable } from '../../text/printable.ts';
import { yesNo } from '../../text/yes-no.ts';
import { NONE } from '../../terminal/table.ts';
import type { Column } from '../../terminal/table.ts';

/** Columns of `plow image catalog`. */
export const CATALOG_COLUMNS: readonly Column<CatalogEntry>[] = [
  { title: 'NAME', text: ({ name }) => printable(name) },
  { title: 'FOR', text: (entry) => archesOf(entry).join(',') },
  { title: 'SIGNED', text: (entry) => yesNo(isSigned(entry)) ?? NONE },
  { title: 'NEEDS', text: needsText },
  { title: 'DESCRIPTION', text: ({ description }) => printable(description) },
];

/** A line of `plow image catalog -o json`. */
export function catalogDocument(entry: CatalogEntry): CatalogDocument {
  const { name, description, source, format = null, index, needs, signedBy = null } = entry;
  return {
    name,
    description,
    source,
    architectures: [...archesOf(entry)],
    format,
    index: index.kind,
    index_url: withoutQuery((index.kind === 'checksum-file' ? index.checksumUrl : undefined) ?? index.url),
    signed: isSigned(entry),
    signed_by: signedBy,
    provisioning: needs.provisioning,
    firmware: needs.firmware ?? null,
    cpu: needs.cpu ?? null,
  };
}

/** Which may be a secret; `{arch}` in it stays as it is. */
function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/u, '');
}

function archesOf({ arches }: CatalogEntry): readonly Arch[] {
  return ARCHES.filter((arch) => arches[arch] !== undefined);
}

function isSigned({ index }: CatalogEntry): boolean {
  return index.kind === 'coreos-stream' || index.signature !== undefined;
}

function needsText({ needs: { firmware, seedBus, provisioning, cpu } }: CatalogEntry): string {
  const words = [
    provisioning === 'cloud-init' ? undefined : provisioning,
    firmware,
    seedBus === undefined ? undefined : `seed on ${seedBus}`,
    cpu,
  ].filter((word) => word !== undefined);
  return words.length === 0 ? NONE : words.join(', ');
}
