import type { Undo } from '../../../libvirt-xml/metadata/end.ts';
import { timeLeftText } from '../../../text/quantities.ts';
import { jsonOrNull } from './field.ts';
import type { VmField } from './field.ts';

/** When a VM ends. */
export const END_FIELDS: readonly VmField[] = [
  {
    key: 'expires',
    json: jsonOrNull(
      'string',
      ({ facts }) => facts.end.expires,
      'when its lease ends, ISO 8601: from then on plow gc may end it',
    ),
    lines: ({ facts }, { now }) => [['Expires', leaseText(facts.end.expires, now)]],
  },
  {
    key: 'undo_until',
    json: jsonOrNull(
      'string',
      ({ facts }) => facts.end.undo?.until,
      'of one that was destroyed: when plow gc may end it for good, ISO 8601',
    ),
    lines: ({ facts }) => [['Destroyed', facts.end.undo && undoText(facts.end.undo)]],
  },
];

/** `in 6d 23h (2026-11-21T09:00:00.000Z)`. */
function leaseText(expires: string | undefined, now: Date): string | undefined {
  return expires && `${timeLeftText(expires, now)} (${expires})`;
}

function undoText({ until }: Undo): string {
  return `yes, plow undelete brings it back${until === undefined ? '' : `, until ${until}`}`;
}
