import type { Domain } from '../../hypervisor/domain.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import { agoText } from '../../text/quantities.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { destroyVm } from '../destroy/destroy.ts';
import { KEPT } from '../destroy/keep-data.ts';
import type { VmRow } from '../list/list.ts';
import type { Progress } from '../progress.ts';
import { NOTHING_LEFT } from './garbage.ts';
import type { Fate, Garbage, Left } from './garbage.ts';

/** A VM whose create is under way, or died. @param createMs how long a create may take */
export function incompleteVm(row: VmRow, createMs: number, context: VmContext): Garbage {
  return {
    kind: 'incomplete VM',
    what: row.name,
    bytes: undefined,
    why: 'its create died, or is under way',
    fate: fateOf(row, createMs, context),
  };
}

function fateOf({ name, uuid, own }: VmRow, createMs: number, context: VmContext): Fate {
  const ageMs = context.now().getTime() - Date.parse(own?.created ?? '');
  // Of a time that cannot be read it is not known either.
  if (ageMs >= createMs) return { remove: () => removeIncomplete(name, uuid, context) };
  return { stays: `it was begun ${agoText(ageMs)}: plow destroy ${shellArgument(name)} removes it` };
}

async function removeIncomplete(name: string, uuid: string, context: VmContext): Promise<Left> {
  const domain = await context.hypervisor.findDomainByUuid(uuid);
  if (domain === undefined) return NOTHING_LEFT;
  if (!(await isIncomplete(domain))) {
    domain[Symbol.dispose]();
    return new Map([[name, 'its create has ended well meanwhile']]);
  }
  const destroyed = await destroyVm(
    domain,
    { ...context, progress: notesOf(context.progress) },
    { graceMs: 0 },
  );
  // Disks that were there before it are to stay, and a note of destroy's tells of them.
  return new Map([...(destroyed?.left ?? NOTHING_LEFT)].filter(([, why]) => why !== KEPT));
}

/** Whether its create is under way, or died, as its metadata tell now. @throws HypervisorError */
export async function isIncomplete(domain: Domain): Promise<boolean> {
  return metadataInDomain(parseIfPossible(await domain.xml('stored')))?.status === 'creating';
}

const nothing = (): void => {};

/** What is told of it is told by gc. */
export function notesOf(progress: Progress): Progress {
  return {
    title: nothing,
    begin: nothing,
    done: nothing,
    success: nothing,
    transfer: nothing,
    note: (text) => progress.note(text),
  };
}
