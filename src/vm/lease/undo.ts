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
import { refuseIfProtected } from '../protection/refuse.ts';
import { readDocument } from '../read-document.ts';
import { later } from './extend.ts';

export interface UndoableOptions {
  /** For how long it can be brought back. */
  readonly minutes: number;
  /** How long the guest may take to shut down; undefined: as usual. */
  readonly graceMs?: number | undefined;
}

/**
 * Destroys a VM so that it can be brought back: it is off, does not start with the host, and is marked. The
 * mark comes first, as it tells what the VM was: killed at any later call, the same command does the rest.
 * @returns false where all of it was so already
 * @throws PlowError (operation), Interrupted
 */
export async function destroyUndoably(
  domain: Domain,
  context: VmContext,
  { minutes, graceMs }: UndoableOptions,
): Promise<boolean> {
  const { name } = domain;
  const { progress } = context;
  progress.title(`Destroying VM '${name}'...`);
  progress.begin('Stopping the VM');
  const { status, document, end } = await look(domain);
  refuseIfProtected(name, [document], 'it is not destroyed');
  refuse(name, status, document);
  const known = end.undo;
  if (known !== undefined && !status.active && !status.autostart) {
    progress.note(`VM '${name}' is destroyed already, and can be brought back${untilText(known)}`);
    return false;
  }
  throwIfInterrupted(context, `VM '${name}' is as it was`);
  const { active: ran, autostart } = status;
  const undo = known ?? { until: later(minutes, context), ran, autostart };
  try {
    if (known === undefined) await mark(domain, { ...end, undo });
    if (autostart) await domain.setAutostart(false);
    await stopDomain(domain, context, graceMs);
  } catch (error) {
    tellHalfDone(name, context, 'is marked as destroyed');
    throw explainOfVm(error, name, `cannot destroy VM '${name}'`);
  }
  progress.done(ran ? 'VM stopped' : 'VM was off');
  progress.success(
    `VM '${name}' is destroyed${untilText(undo)}: plow undelete ${shellArgument(name)} brings it back`,
  );
  return true;
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
