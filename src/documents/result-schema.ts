import * as z from 'zod/mini';
import { failure } from './error-schema.ts';
import { about, document, orNull } from './shape.ts';
import type { Content } from './shape.ts';

/** What create, clone, destroy, start and their like print with `-o json`, a line for each VM. */

const plannedFiles = z.array(z.strictObject({ path: z.string(), bytes: z.int() }));

export const resultDocument = document({
  action: z.enum([
    'create',
    'apply',
    'clone',
    'destroy',
    'start',
    'stop',
    'restart',
    'suspend',
    'resume',
    'autostart',
    'protect',
    'unprotect',
    'extend',
    'undelete',
    'move',
    'resize',
    'attach',
    'detach',
    'rebuild',
    'rebuild undo',
    'rebuild drop-old',
    'rebuild seed',
    'media eject',
    'media insert',
    'wait',
    'snapshot create',
    'snapshot revert',
    'snapshot delete',
  ]),
  host: z.optional(about(z.string(), 'of one of several hosts: its name')),
  name: orNull(z.string(), 'null of a host whose VMs could not be asked for'),
  uuid: orNull(z.string(), 'null where there is no such VM, or none was made'),
  status: about(
    z.enum([
      'created',
      'applied',
      'cloned',
      'exists',
      'destroyed',
      'absent',
      'started',
      'stopped',
      'restarted',
      'suspended',
      'resumed',
      'changed',
      'protected',
      'unprotected',
      'extended',
      'undeleted',
      'moved',
      'planned',
      'taken back',
      'resized',
      'attached',
      'detached',
      'rebuilt',
      'ejected',
      'inserted',
      'reached',
      'taken',
      'reverted',
      'deleted',
      'unchanged',
      'failed',
      'unreachable',
      'interrupted',
      'not begun',
    ]),
    'exists, absent and unchanged: there was nothing to do',
  ),
  addresses: about(z.array(z.string()), 'as it was configured with; of a VM of another tool none is known'),
  left: about(
    z.array(z.strictObject({ what: z.string(), why: orNull(z.string(), 'null where it is not known') })),
    'what was not removed: files and the like',
  ),
  waited: z.optional(
    about(
      z.strictObject({
        condition: about(z.string(), 'as --for has it'),
        step: about(
          z.string(),
          'how far the VM has come: off, running, firmware, kernel, system, cloud-init, address, ssh or done',
        ),
        verdict: orNull(z.string(), 'why it did not come so far, in a word; timeout: nobody knows'),
      }),
      'of plow wait and create --wait, of a VM that was looked at',
    ),
  ),
  plan: z.optional(
    about(
      z.strictObject({
        to: about(z.string(), 'the hypervisor that it would go to'),
        how: about(
          z.enum(['off', 'cold', 'stays']),
          'off: as it is; cold: stopped, and started there; stays: something is in the way',
        ),
        bytes: about(z.int(), 'what goes along takes up'),
        seconds: about(z.int(), 'how long the copy may take, at 40 MiB a second'),
        files: plannedFiles,
        bases: about(plannedFiles, 'base images that go along'),
        obstacles: about(z.array(z.string()), 'what is in the way'),
      }),
      'of move, evacuate and restore that change nothing: what they would do',
    ),
  ),
  snapshot: z.optional(about(z.string(), 'of plow snapshot: its name')),
  notes: about(z.array(z.string()), 'what else is to know, for people'),
  error: failure,
});

export type ResultDocument = Content<typeof resultDocument>;
