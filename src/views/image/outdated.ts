import type { OutdatedDocument } from '../../documents/images/outdated-schema.ts';
import { printable } from '../../text/printable.ts';
import type { Column } from '../../terminal/table.ts';
import type { OutdatedVm } from '../../vm/image-store/outdated-images.ts';

/** Columns of `plow image outdated`. */
export const OUTDATED_COLUMNS: readonly Column<OutdatedVm>[] = [
  { title: 'VM', text: ({ vm }) => printable(vm) },
  { title: 'IMAGE', text: ({ image }) => image.name },
  { title: 'VERSION', text: ({ image }) => image.version },
  { title: 'NEWEST', text: ({ newest }) => newest.version },
];

/** A line of `plow image outdated -o json`. */
export function outdatedDocument({ vm, uuid, image, newest }: OutdatedVm): OutdatedDocument {
  return {
    vm,
    uuid,
    image: image.name,
    image_version: image.version,
    path: image.path,
    newest_version: newest.version,
    newest_path: newest.path,
    newest_digest: newest.digest ?? null,
  };
}
