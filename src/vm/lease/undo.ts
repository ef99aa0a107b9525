import { isDeepStrictEqual } from 'node:util';
import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { DomainStatus } from '../../hypervisor/domain-facts.ts';
import { END_NAMESPACE, endOf } from '../../libvirt-xml/metadata/end.ts';
import type { End, Undo } from '../../libvirt-xml/metadata/end.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import { endElement } from '../../libvirt-xml/metadata/write.ts';
import type { XmlElement } from '../../libvirt-xml/read/parse.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { stopDomain } from '../lifecycle/stop.ts';
import { explainOfVm } from '../list/unknown-vm.ts';
import { refuseOnItsWay } from '../protection/on-its-way.ts';
import { refuseIfProtected } from '../protection/refuse.ts';
import { readDocument } from '../read-document.ts';
import { later } from './extend.ts';

export interface UndoableOptions {
  /** For how long it can be brought back. */
  readonly minutes: number;
  /** How long the guest may take to shut down; undefined: as usual. */
  readonly graceMs?: number | undefined;
  /** Whether it is to end all the same, asked of what is written once it is marked: else it lives on. */
  readonly stillEnds?: (end: End) => boolean;
}

/** How often others may write what is marked before that counts as an error. */
const TRIES = 5;

/**
 * Destroys a VM so that it can be brought back: it is off, does not start with the host, and is marked. The
 * mark comes first, as it tells what the VM was: killed at any later call, the same command does the rest.
 * Of one that was destroyed so before the window never gets shorter, and begins anew where the VM ran again.
 * @returns until when it can be brought back (ISO 8601); undefined where all was so already, or it lives on
 * @throws PlowError (operation), Interrupted
 */
export async function destroyUndoably(
  domain: Domain,
  context: VmContext,
  { minutes, graceMs, stillEnds = () => true }: UndoableOptions,
): Promise<string | undefined> {
  const { name } = domain;
  const { progress } = context;
  progress.title(`Destroying VM '${name}'...`);
  progress.begin('Stopping the VM');
  const { status, document, end } = await look(domain);
  refuseOnItsWay(name, document);
  refuseIfProtected(name, [document], 'it is not destroyed');
  refuse(name, status, document);
  const known = end.undo;
  if (known !== undefined && !status.active && !status.autostart && !isOver(known, context)) {
    progress.note(`VM '${name}' is destroyed already, and can be brought back${untilText(known)}`);
    return undefined;
  }
  throwIfInterrupted(context, `VM '${name}' is as it was`);
  const until = later(minutes, context);
  const undo = { ...markOf(known, status), until: laterOf(known?.until, until) };
  try {
    if (!(await markFirmly(domain, { ...end, undo }, known, stillEnds))) {
      progress.note(`VM '${name}' lives on: its lease was extended meanwhile`);
      return undefined;
    }
    if (status.autostart) await domain.setAutostart(false);
    await stopDomain(domain, context, graceMs);
  } catch (error) {
    tellHalfDone(name, context, 'is marked as destroyed');
    throw explainOfVm(error, name, `cannot destroy VM '${name}'`);
  }
  progress.done(status.active ? 'VM stopped' : 'VM was off');
  progress.success(
    `VM '${name}' is destroyed${untilText(undo)}: plow undelete ${shellArgument(name)} brings it back`,
  );
  return undo.until;
}

function isOver({ until }: Undo, { now }: VmContext): boolean {
  return until !== undefined && until <= now().toISOString();
}

/** What the VM was before anybody destroyed it, be it that somebody started it since. */
function markOf(known: Undo | undefined, { active, autostart }: DomainStatus): Omit<Undo, 'until'> {
  return { ran: active || known?.ran === true, autostart: autostart || known?.autostart === true };
}

/** Of two times as plow writes them. */
function laterOf(known: string | undefined, until: string): string {
  return known !== undefined && known > until ? known : until;
}

/**
 * Marks a VM and looks: its lease is in the same element, and whoever moves that at this moment may have
 * written over the mark. @param known what was there before @returns false where it lives on
 */
async function markFirmly(
  domain: Domain,
  wanted: End,
  known: Undo | undefined,
  stillEnds: (end: End) => boolean,
): Promise<boolean> {
  const { name } = domain;
  const { undo } = wanted;
  let next = wanted;
  for (let tries = 1; tries <= TRIES; tries += 1) {
    await mark(domain, next);
    const found = endOf(readDocument({ name, xml: await domain.xml('stored') }));
    if (!stillEnds(found)) {
      if (!isDeepStrictEqual(found.undo, known)) await mark(domain, { ...found, undo: known });
      return false;
    }
    if (isDeepStrictEqual(found.undo, undo)) return true;
    next = { ...found, undo };
  }
  throw new PlowError('operation', `somebody else changes when VM '${name}' ends`, {
    hint: 'run the same command again',
  });
}

/**
 * Brings back a VM that was destroyed so that it can be, as it was: it runs if it ran. The mark goes last.
 * @param staysOff it is not started
 * @returns false where it was not destroyed
 * @throws PlowError (operation), Interrupted
 */
export async function undelete(
  domain: Domain,
  context: VmContext,
  { staysOff = false }: { readonly staysOff?: boolean } = {},
): Promise<boolean> {
  const { name } = domain;
  const { progress, now } = context;
  progress.begin(`Bringing back VM '${name}'`);
  const { status, end } = await look(domain);
  const { undo, expires } = end;
  if (undo === undefined) {
    progress.note(`VM '${name}' is not destroyed`);
    return false;
  }
  throwIfInterrupted(context, `VM '${name}' is as it was`);
  const starts = undo.ran && !staysOff && !status.active;
  try {
    if (undo.autostart && !status.autostart) await domain.setAutostart(true);
    if (starts) await domain.start();
    await mark(domain, { ...end, undo: undefined });
  } catch (error) {
    tellHalfDone(name, context, 'is still marked as destroyed');
    if (starts) progress.note('--off brings it back and does not start it');
    throw explainOfVm(error, name, `cannot bring back VM '${name}'`);
  }
  progress.done(`VM '${name}' is back${starts ? ', and runs' : ''}`);
  if (expires !== undefined && expires <= now().toISOString())
    progress.note(
      `its lease has ended: plow extend --for 7d ${shellArgument(name)}, or plow gc ends it again`,
    );
  return true;
}

interface Look {
  readonly status: DomainStatus;
  readonly document: XmlElement;
  readonly end: End;
}

/** One look, of several round trips. @throws PlowError (operation) */
async function look(domain: Domain): Promise<Look> {
  const { name } = domain;
  try {
    const status = await domain.status();
    const document = readDocument({ name, xml: status.documents.stored });
    return { status, document, end: endOf(document) };
  } catch (error) {
    throw explainOfVm(error, name, `cannot look at VM '${name}'`);
  }
}

async function mark(domain: Domain, end: End): Promise<void> {
  await domain.setMetadata(endElement(domain.uuid, end), END_NAMESPACE);
}

/** @throws PlowError for a VM that cannot come back */
function refuse(name: string, { persistent }: DomainStatus, document: XmlElement): void {
  const why = persistent ? undefined : 'it is transient, and gone once it stops';
  const isIncomplete = metadataInDomain(document)?.status === 'creating';
  const reason = isIncomplete ? 'it is incomplete: its create is under way, or died' : why;
  if (reason === undefined) return;
  throw new PlowError('operation', `VM '${name}' could not be brought back: ${reason}`, {
    hint: `plow destroy ${shellArgument(name)} removes it at once`,
  });
}

function tellHalfDone(name: string, { progress }: VmContext, how: string): void {
  progress.note(`VM '${name}' may be half done: it ${how}; the same command does the rest`);
}

function untilText({ until }: Undo): string {
  return until === undefined ? '' : `, until ${until}`;
}
