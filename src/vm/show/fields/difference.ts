import type { Difference, Value } from '../details.ts';
import { json } from './field.ts';
import type { Json, Key } from './field.ts';

/** A difference for programs. */
export const DIFFERENCE: readonly Key<Difference>[] = [
  {
    key: 'what',
    json: json(
      'string',
      ({ what }) => what,
      'vcpus, memory_kib, disk vdb, disk vdb cache, interface 52:54:00:11:22:33...',
    ),
  },
  {
    key: 'declared',
    json: side(
      ({ declared }) => declared,
      'as plow made it; null where there was none, or plow said nothing about it',
    ),
  },
  {
    key: 'stored',
    json: side(({ stored }) => stored, 'as it is from the next start on; null where there is none'),
  },
  {
    key: 'live',
    json: side(({ live }) => live, 'as it runs; null where there is none, or the VM is off'),
  },
  {
    key: 'needs_restart',
    json: json(
      'boolean',
      ({ needsRestart }) => needsRestart,
      'what is stored takes effect when the VM is stopped and started',
    ),
  },
  { key: 'changed_since_made', json: json('boolean', ({ changed }) => changed) },
];

function side(value: (one: Difference) => Value | undefined, about: string): Json<Difference> {
  return { shape: { type: 'value', orNull: true, about }, value };
}
