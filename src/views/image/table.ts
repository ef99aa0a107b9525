import { ageText, bytesText } from '../../text/quantities.ts';
import { printable } from '../../text/printable.ts';
import { NONE } from '../../terminal/table.ts';
import type { Column } from '../../terminal/table.ts';
import type { ListedImage } from '../../vm/image-store/list-images.ts';

/** Columns of `plow image list`. @param now what ages are counted from */
export function imageColumns(now: Date): readonly Column<ListedImage>[] {
  return [
    { title: 'NAME', text: ({ record }) => record.name },
    { title: 'VERSION', text: ({ record }) => record.version },
    {
      title: 'STATUS',
      text: ({ record }) => (record.insecure ? `${record.status}, insecure` : record.status),
      colour: ({ record: { status, insecure } }) =>
        insecure ? 'yellow' : status === 'ready' ? 'green' : 'dim',
    },
    { title: 'FORMAT', text: ({ record }) => record.format },
    { title: 'SIZE', text: ({ record }) => sizeText(record.bytes) },
    { title: 'VIRTUAL', text: ({ record }) => sizeText(record.capacityBytes) },
    { title: 'PULLED', text: ({ record }) => printable(ageText(record.at, now)) },
    {
      title: 'USED BY',
      text: ({ usedBy }) => (usedBy.length === 0 ? NONE : usedBy.map(printable).join(',')),
    },
    { title: 'FILE', text: ({ path }) => printable(path) },
  ];
}

function sizeText(bytes: number | null): string {
  return bytes === null ? NONE : bytesText(bytes);
}
