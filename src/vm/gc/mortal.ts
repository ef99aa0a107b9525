import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { endExpired, findDue } from '../lease/due.ts';
import type { Due } from '../lease/due.ts';
import { NOTHING_LEFT } from './garbage.ts';
import type { Garbage } from './garbage.ts';
import { notesOf } from './incomplete.ts';

/** VMs whose lease has ended, or the time in which they could be brought back. @throws PlowError */
export async function findMortal(context: VmContext): Promise<readonly Garbage[]> {
  const due = await findDue(context);
  return due.map((one): Garbage => {
    const { name, what, since, kept } = one;
    const ended = what === 'lease' ? 'its lease ended' : 'it was destroyed, and could be brought back until';
    return {
      kind: what === 'lease' ? 'expired VM' : 'destroyed VM',
      what: name,
      bytes: undefined,
      why: `${ended} ${since}`,
      fate: kept === undefined ? { remove: () => end(one, context) } : { stays: kept },
    };
  });
}

async function end(due: Due, context: VmContext): Promise<ReadonlyMap<string, string>> {
  const { name } = due;
  if (await endExpired(due, { ...context, progress: notesOf(context.progress) })) return NOTHING_LEFT;
  return new Map([[name, `its time is not over any more: plow show ${shellArgument(name)} tells it`]]);
}
