import type { Change } from './change.ts';
import type { VmDiff } from './diff-vm.ts';
import type { Fate } from './words.ts';

/** What is allowed besides what no guest notices. */
export interface Allowed {
  readonly reboot: boolean;
  readonly reseed: boolean;
  readonly rebuild: boolean;
  /** What was changed by hand is made as the file says. */
  readonly overwrite: boolean;
}

export interface PlannedChange {
  readonly change: Change;
  readonly fate: Fate;
}

/** What is done with a VM so that it becomes as its file says. */
export interface VmPlan {
  readonly diff: VmDiff;
  /** `refused`: it is nothing that can be changed. */
  readonly action: 'none' | 'create' | 'change' | 'refused';
  readonly changes: readonly PlannedChange[];
}

/** What is done at all, in one way or another. */
const DONE: ReadonlySet<Fate> = new Set(['now', 'stored', 'restart', 'reseed', 'rebuild']);
/** What a VM is made with, and keeps. */
const AT_BIRTH: ReadonlySet<string> = new Set(['firmware', 'arch', 'secure_boot']);
/** What takes a VM down for a while. */
const DISTURBS: ReadonlySet<Fate> = new Set(['restart', 'reseed', 'rebuild']);

/** What comes of a comparison. It asks nothing: what is shown is what is done. */
export function planVm(diff: VmDiff, allowed: Allowed): VmPlan {
  const { standing } = diff;
  if (standing === 'absent') return { diff, action: 'create', changes: [] };
  if (standing !== 'same' && standing !== 'different') return { diff, action: 'refused', changes: [] };
  const fates = diff.changes.map((change) => ({ change, fate: fateOf(change, allowed) }));
  // Whatever takes it down has it start with all that waits, and with a new disk its guest is set up anew.
  const isDown = fates.some(({ fate }) => DISTURBS.has(fate));
  const isAnew = fates.some(({ fate }) => fate === 'rebuild');
  const changes = fates.map(({ change, fate }) => {
    if (isAnew && (fate === 'reseed' || fate === 'needs reseed')) return { change, fate: 'rebuild' as const };
    return { change, fate: isDown ? WITH_START[fate] : fate };
  });
  const isDone = changes.some(({ fate }) => DONE.has(fate)) || diff.settled.length > 0;
  return { diff, action: isDone ? 'change' : 'none', changes };
}

const WITH_START: Readonly<Record<Fate, Fate>> = {
  now: 'now',
  stored: 'restart',
  waits: 'restart',
  restart: 'restart',
  reseed: 'reseed',
  rebuild: 'rebuild',
  'needs reseed': 'needs reseed',
  'needs rebuild': 'needs rebuild',
  'changed by hand': 'changed by hand',
  refused: 'refused',
};

function fateOf({ what, verdict, cause, isPending }: Change, allowed: Allowed): Fate {
  if (isPending) return allowed.reboot ? 'restart' : 'waits';
  if (verdict === 'refused') return 'refused';
  if (cause !== 'file' && !allowed.overwrite) return 'changed by hand';
  if (verdict === 'live') return 'now';
  if (verdict === 'reboot') return allowed.reboot ? 'restart' : 'stored';
  if (verdict === 'rebuild' && AT_BIRTH.has(what)) return 'refused';
  return allowed[verdict] ? verdict : `needs ${verdict}`;
}

/** Whether a VM is off for a while. */
export function isDisturbed({ changes }: VmPlan): boolean {
  return changes.some(({ fate }) => DISTURBS.has(fate));
}

/** What is not as its file says in the end, although nobody has to allow anything: somebody has to decide. */
export function leftIn({ changes }: VmPlan): readonly PlannedChange[] {
  return changes.filter(({ fate }) => fate === 'changed by hand' || fate === 'refused');
}

/** Names of changes that have one of these fates. */
export function whatsOf({ changes }: VmPlan, ...fates: readonly Fate[]): readonly string[] {
  return changes.flatMap(({ change, fate }) => (fates.includes(fate) ? [change.what] : []));
}
