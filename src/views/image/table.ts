import { ageText, bytesText } from '../../text/quantities.ts';
import { printable } from '../../text/printable.ts';
import { NONE } from '../../terminal/table.ts';
import type { Column } from '../../terminal/table.ts';
import { NO_RECORD } from './document.ts';
import type { ListedFile } from '../../vm/image-store/list-images.ts';

/** Columns of `plow image list`. @param now what ages are counted from */
export function imageColumns(now: Date): readonly Column<ListedFile>[] {
  return [
    { title: 'NAME', text: ({ record }) => record?.name ?? NONE },
    { title: 'VERSION', text: ({ record }) => record?.version ?? NONE },
    {
      title: 'STATUS',
      text: ({ record }) => {
        if (record === undefined) return NO_RECORD;
        return record.insecure ? `${record.status}, insecure` : record.status;
      },
      colour: ({ record }) => (record?.insecure ? 'yellow' : record?.status === 'ready' ? 'green' : 'dim'),
    },
    { title: 'FORMAT', text: ({ format }) => printable(format) },
    { title: 'SIZE', text: ({ bytes }) => sizeText(bytes) },
    { title: 'VIRTUAL', text: ({ capacityBytes }) => sizeText(capacityBytes) },
    {
      title: 'PULLED',
      text: ({ record }) => (record === undefined ? NONE : printable(ageText(record.at, now))),
    },
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
