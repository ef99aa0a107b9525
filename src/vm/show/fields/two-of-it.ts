import { shellArgument } from '../../../text/shell-quote.ts';
import type { VmDetails } from '../details.ts';
import { jsonOrNull } from './field.ts';
import type { VmField } from './field.ts';

/** Of a VM that there is, or may be, two of something: of itself on its way, of its boot disk. */
export const TWO_OF_IT_FIELDS: readonly VmField[] = [
  {
    key: 'other_host',
    json: jsonOrNull(
      'string',
      ({ facts }) => facts.move?.host,
      'of one that is moving, moved or incoming: where it goes, or comes from',
    ),
  },
  {
    key: 'old_boot_disk',
    json: jsonOrNull(
      'string',
      ({ facts: { rebuild } }) => (rebuild?.state === 'tried' ? rebuild.old.paths[0] : undefined),
      'what it had before its rebuild, which is kept: plow rebuild --drop-old removes it, --undo brings it back',
    ),
    lines: (details) => [['Old boot disk', oldDiskText(details)]],
  },
];

function oldDiskText({ name, facts: { rebuild } }: VmDetails): string | undefined {
  if (rebuild === undefined) return undefined;
  const command = `plow rebuild ${shellArgument(name)}`;
  const { state, since, old } = rebuild;
  if (state === 'begun')
    return `a rebuild did not end: ${command} does the rest, with --undo it takes back what was done`;
  if (state === 'kept') return `being removed: ${command} --drop-old does the rest`;
  return `${old.paths[0] ?? 'there'}, kept since ${since}: ${command} --drop-old removes it, --undo brings it back`;
}
