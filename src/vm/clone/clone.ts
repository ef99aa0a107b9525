import { PlowError } from '../../errors/plow-error.ts';
import type { LoadedMachine } from '../../config/machine.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { makeVm } from '../create/create.ts';
import { prepareClone } from '../create/prepare.ts';
import type { Prepared } from '../create/prepare.ts';
import type { VmPlace } from '../create/vm-place.ts';
import { Exporter } from '../export/export-vm.ts';
import type { ExportedVm } from '../export/export-vm.ts';
import { explaining } from '../failure.ts';
import { refuseOnItsWay } from '../protection/on-its-way.ts';
import { explainOfVm } from '../list/unknown-vm.ts';
import { cloneDisks, onSource } from './disks.ts';
import { cloneMachine } from './machine.ts';
import { nvramOfClone, variablesOf, writeNvram } from './nvram.ts';
import { screenOfClone } from './screen.ts';
import { lookAtSource, refuseIfWritten } from './source.ts';
import type { Source } from './source.ts';
import type { CloneWish } from './wish.ts';

/**
 * Makes a VM of the disks of another one, with an identity of its own: UUID, addresses, host keys, host name,
 * instance-id and machine id. It is made as create makes one, and on failure all is taken back; the source is
 * read, and never changed.
 * @param source name or UUID @param onLeft is told what could not be taken back
 * @throws PlowError, Interrupted
 */
export async function cloneVm(
  source: string,
  wish: CloneWish,
  context: VmContext,
  onLeft: (what: readonly string[]) => void = () => {},
): Promise<{ readonly name: string; readonly uuid: string }> {
  const { progress } = context;
  context.making(false);
  progress.title(`Cloning VM '${source}' as '${wish.name}'...`);
  progress.begin('Checking the source');
  const exported = await new Exporter(context).export(source);
  using domain = exported.domain;
  refuseForeign(exported);
  refuseOnItsWay(domain.name, exported.evidence.document);
  const cannot = `cannot clone VM '${domain.name}'`;
  const looked = await ofSource(lookAtSource(exported, wish, context), domain.name, cannot);
  const screen = await ofSource(screenOfClone(exported), domain.name, cannot);
  const loaded = cloneMachine(exported, looked.disks, wish, screen);
  for (const warning of loaded.warnings) progress.note(warning);
  const prepared = await planClone(loaded, looked, wish, context);
  progress.done('Configuration validated');
  for (const one of exported.draft.rest) progress.note(`not in the clone: ${one}`);
  const { plan } = prepared;
  const makeDisks = (place: VmPlace): Promise<void> =>
    explaining(fill(prepared, looked, wish, place), 'storage', cannot);
  const isStarted = wish.isStarted ?? !wish.keepIdentity;
  await makeVm({ loaded, prepared, makeDisks, isStarted }, context, onLeft);
  progress.success(`Successfully cloned VM '${domain.name}' as '${plan.name}'`);
  return { name: plan.name, uuid: plan.uuid };
}

/** Of what others made nobody knows whose its files are. @throws PlowError (operation) */
function refuseForeign({ domain: { name }, evidence }: ExportedVm): void {
  if (evidence.metadata !== undefined) return;
  throw new PlowError('operation', `VM '${name}' was not made by plow, and is not cloned`, {
    hint: `plow export --adopt ${shellArgument(name)} makes it one of plow's, if it can be`,
  });
}

async function ofSource<T>(work: Promise<T>, name: string, cannot: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw explainOfVm(error, name, cannot);
  }
}

async function planClone(
  loaded: LoadedMachine,
  { disks }: Source,
  { isLinked }: CloneWish,
  context: VmContext,
): Promise<Prepared> {
  const copiedBytes = disks.reduce((sum, disk) => sum + disk.copiedBytes, 0);
  const prepared = await prepareClone(loaded, copiedBytes, context);
  if (!isLinked) return prepared;
  const targets = ['vda', ...loaded.machine.dataDisks.map(({ device }) => device)];
  return { ...prepared, plan: onSource(prepared.plan, targets, disks) };
}

/** What is in the directory of the clone before its seed, and its UEFI variables. */
async function fill({ plan }: Prepared, source: Source, wish: CloneWish, place: VmPlace): Promise<void> {
  const { context, onFailure } = place;
  const variables = await variablesOf(source.vm, wish.snapshot, context);
  await cloneDisks(plan.disks, source.disks, place);
  if (variables !== undefined)
    await writeNvram(
      nvramOfClone(plan.name, source.vm, context.hypervisor.places),
      variables,
      context,
      onFailure,
    );
  await refuseIfWritten(source, wish, context);
}
