import { ageText, bytesText } from '../../text/quantities.ts';
import { printable } from '../../text/printable.ts';
import { NONE } from '../../terminal/table.ts';
import type { Column } from '../../terminal/table.ts';
import { NO_RECORD } from './document.ts';
import type { ListedFile } from '../../vm/image-store/list-images.ts';
import type { ImageRecord } from '../../vm/image-store/record.ts';

/** Columns of `plow image list`. @param now what ages are counted from */
export function imageColumns(now: Date): readonly Column<ListedFile>[] {
  return [
    { title: 'NAME', text: ({ record }) => record?.name ?? NONE },
    { title: 'VERSION', text: ({ record }) => record?.version ?? NONE },
    {
      title: 'STATUS',
      text: ({ record }) => (record === undefined ? NO_RECORD : statusText(record)),
      colour: ({ record }) =>
        record?.gate?.result === 'failed'
          ? 'red'
          : record?.insecure === true
            ? 'yellow'
            : record?.status === 'ready'
              ? 'green'
              : 'dim',
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

function statusText({ status, insecure, gate }: ImageRecord): string {
  const gated =
    gate?.proof === null ? ['gate passed'] : gate === undefined ? [] : [`gate failed: ${gate.proof}`];
  return [status, ...(insecure ? ['insecure'] : []), ...gated].join(', ');
}

function sizeText(bytes: number | null): string {
  return bytes === null ? NONE : bytesText(bytes);
}
