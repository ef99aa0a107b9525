import type { VmContext } from '../context.ts';
import { endExpired, findDue } from '../lease/due.ts';
import type { Due } from '../lease/due.ts';
import type { Garbage, Hidden, Left } from './garbage.ts';
import { notesOf } from './incomplete.ts';

/** VMs whose lease has ended, or the time in which they could be brought back. @throws PlowError */
export async function findMortal(context: VmContext): Promise<readonly Garbage[]> {
  const due = await findDue(context);
  return due.map((one): Garbage => {
    const { name, what, since, kept } = one;
    const ended = `its lease ended ${since}: it is stopped, and can be brought back for a day`;
    const over = `it was destroyed, and could be brought back until ${since}`;
    return {
      kind: what === 'lease' ? 'expired VM' : 'destroyed VM',
      what: name,
      bytes: undefined,
      why: what === 'lease' ? ended : over,
      fate: kept === undefined ? { remove: () => end(one, context) } : { stays: kept },
    };
  });
}

async function end(due: Due, context: VmContext): Promise<Left | Hidden> {
  const ended = await endExpired(due, { ...context, progress: notesOf(context.progress) });
  if (ended.status === 'destroyed') return { until: ended.until };
  return ended.status === 'removed' ? ended.left : new Map([[due.name, ended.why]]);
}
