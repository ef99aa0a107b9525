import type { ResultDocument } from '../../../documents/result-schema.ts';

/** What is done to VMs. */
export type Action = ResultDocument['action'];

/** What has become of a VM with which all went well. */
export const DONE: Readonly<Record<Action, ResultDocument['status']>> = {
  create: 'created',
  apply: 'applied',
  clone: 'cloned',
  destroy: 'destroyed',
  start: 'started',
  stop: 'stopped',
  restart: 'restarted',
  suspend: 'suspended',
  resume: 'resumed',
  autostart: 'changed',
  protect: 'protected',
  unprotect: 'unprotected',
  extend: 'extended',
  undelete: 'undeleted',
  move: 'moved',
  resize: 'resized',
  attach: 'attached',
  detach: 'detached',
  rebuild: 'rebuilt',
  'rebuild undo': 'reverted',
  'rebuild drop-old': 'deleted',
  'rebuild seed': 'changed',
  'media eject': 'ejected',
  'media insert': 'inserted',
  wait: 'reached',
  'snapshot create': 'taken',
  'snapshot revert': 'reverted',
  'snapshot delete': 'deleted',
};

export const DOING: Readonly<Record<Action, string>> = {
  create: 'Creating',
  apply: 'Changing',
  clone: 'Cloning',
  destroy: 'Destroying',
  start: 'Starting',
  stop: 'Stopping',
  restart: 'Restarting',
  suspend: 'Suspending',
  resume: 'Resuming',
  autostart: 'Changing',
  protect: 'Changing',
  unprotect: 'Changing',
  extend: 'Changing',
  undelete: 'Bringing back',
  move: 'Moving',
  resize: 'Resizing',
  attach: 'Changing',
  detach: 'Changing',
  rebuild: 'Rebuilding',
  'rebuild undo': 'Reverting',
  'rebuild drop-old': 'Changing',
  'rebuild seed': 'Changing',
  'media eject': 'Changing',
  'media insert': 'Changing',
  wait: 'Waiting for',
  'snapshot create': 'Taking snapshots of',
  'snapshot revert': 'Reverting',
  'snapshot delete': 'Deleting snapshots of',
};

/** Whether what is done is done to a snapshot, and not to its VM. */
export function isOfSnapshot(action: Action): boolean {
  return action === 'snapshot create' || action === 'snapshot delete';
}
