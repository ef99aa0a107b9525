import { growAdopted } from './adopt-data.ts';
import { linkInPlace } from './check-storage-path.ts';
import { claim, complete, reserve } from './domain.ts';
import type { VmPlan } from './plan.ts';
import { prepareCreate } from './prepare.ts';
import type { Prepared } from './prepare.ts';
import { createDisks, createSeed, createVolume, isMadeAtOnce } from './volumes.ts';
import type { VmPlace } from './vm-place.ts';
import type { LoadedMachine, ProvisioningFormat } from '../../config/machine.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { GIB } from '../../text/units.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { allOf, isElsewhere } from '../at-once.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { isLinked } from '../host/strangers.ts';
import type { ImageAgain } from '../image/again.ts';
import { refuseGoingMedium } from '../image/medium.ts';
import { refuseAnswered } from '../network/answers.ts';
import { withRollback } from '../rollback.ts';
import type { OnFailure } from '../rollback.ts';
import { couldNotStop } from '../storage/directory-pool.ts';
import { isLink } from '../storage/open-vm-directory.ts';
import { makeStoragePath } from '../storage/make-storage-path.ts';
import { makeVmDirectory } from '../storage/vm-directory.ts';

export interface CreateWish {
  /** Is told what could not be taken back. */
  readonly onLeft?: ((what: readonly string[]) => void) | undefined;
  /** Its data disks are there already, and are taken as they are. */
  readonly adoptsData?: boolean;
}

/**
 * Makes a VM and starts it. The domain is defined first, marked `creating`: its name is then taken,
 * and should plow die, `list` shows the VM as incomplete and `destroy` removes what there is of it.
 * On failure everything that was made is taken back.
 * @throws PlowError, Interrupted
 */
export async function createVm(
  loaded: LoadedMachine,
  context: VmContext,
  { onLeft, adoptsData = false }: CreateWish = {},
): Promise<{ readonly uuid: string }> {
  const { name } = loaded.machine;
  const { progress } = context;
  // Of another one, in a run that makes several, something may have been made.
  context.making(false);
  progress.title(`Creating VM '${name}'...`);
  progress.begin('Checking the configuration');
  const prepared = await prepareCreate(loaded, context, { adoptsData });
  progress.done('Configuration validated');
  const { plan, checked } = prepared;
  const image = checked.baseImage && checkedOnce(checked.baseImage);
  const makeDisks = (place: VmPlace): Promise<void> => createDisks(plan.disks, image, place);
  const meanwhile = async (): Promise<void> => {
    if (plan.disks.some(({ from }) => from?.how === 'overlay')) await image?.check();
  };
  const isSeen = image !== undefined || plan.disks.every(({ from }) => from === undefined);
  const early = isSeen && isMadeAtOnce(plan.disks, context) ? { meanwhile } : {};
  await makeVm({ loaded, prepared, makeDisks, isStarted: true, ...early }, context, onLeft);
  progress.success(`Successfully created VM '${name}'`);
  return { uuid: plan.uuid };
}

/** Whoever needs it waits for the one look. */
function checkedOnce(image: ImageAgain): ImageAgain {
  let checking: Promise<void> | undefined;
  return {
    check: () => (checking ??= image.check()),
    withVolume: (work) => image.withVolume(work),
  };
}

/** A VM that was planned, and what is its own of the way it is made. */
export interface Making {
  readonly loaded: LoadedMachine;
  readonly prepared: Prepared;
  /** Makes what lies in its directory before the seed. @throws PlowError, Interrupted */
  readonly makeDisks: (place: VmPlace) => Promise<void>;
  /** False for one that is off in the end. */
  readonly isStarted: boolean;
  /**
   * Begins once the name is taken. Where it is given, what does not wait for another is made at the same
   * time.
   */
  readonly meanwhile?: () => Promise<void>;
}

/**
 * Makes what was planned; on failure all of it is taken back.
 * @param onLeft is told what could not be @throws PlowError, Interrupted
 */
export async function makeVm(
  making: Making,
  context: VmContext,
  onLeft: (what: readonly string[]) => void = () => {},
): Promise<void> {
  await withRollback(
    (onFailure) => execute(making, context, onFailure),
    (left) => {
      onLeft(left);
      return tellLeft(left, making.prepared.plan, context);
    },
  );
}

/** Where somebody else has destroyed the VM meanwhile, all that has its name now is theirs. */
async function tellLeft(
  left: readonly string[],
  { name, uuid }: VmPlan,
  { hypervisor, progress }: VmContext,
): Promise<void> {
  const found = await hypervisor.findDomain(name).catch(() => 'unknown' as const);
  const isOurs = found === 'unknown' || found?.uuid === uuid;
  const words = `left: ${left.join(', ')} (plow destroy ${shellArgument(name)} removes what there is)`;
  progress.note(isOurs ? words : `VM '${name}' was removed by somebody else meanwhile`);
}

/** Makes what the plan says, in its order. */
async function execute(making: Making, context: VmContext, onFailure: OnFailure): Promise<void> {
  const { loaded, prepared, meanwhile = async () => {} } = making;
  const { plan, checked } = prepared;
  context.signal.throwIfAborted();
  // Whatever comes of it: an answer that is under way may say that the domain is there.
  context.making(true);
  const domain = await reserve(plan, context, onFailure);
  const work = async (): Promise<void> => {
    await claim(domain, plan, { loaded, others: checked.others }, context);
    await fill(domain, making, context, onFailure);
  };
  // Whoever needs what comes of the other throws its error.
  await allOf([work(), meanwhile().catch(() => {})]);
}

/** Makes the files of a VM whose name and addresses are taken, and completes it. */
async function fill(
  domain: Domain,
  { loaded, prepared: { plan, asked }, makeDisks, isStarted, meanwhile }: Making,
  context: VmContext,
  onFailure: OnFailure,
): Promise<void> {
  const { signal, progress } = context;
  const { directory, seed } = plan;
  progress.begin('Creating storage');
  signal.throwIfAborted();
  await refuseGoingMedium(loaded.machine.cdrom?.image, context);
  await explaining(makeStoragePath(context), 'storage', `cannot make ${context.storagePath}`);
  const opening = makeVmDirectory(plan.name, directory, context, onFailure);
  const { pool, isNew, release } = await explaining(opening, 'storage', `cannot make ${directory.path}`);
  const place = { pool, uuid: plan.uuid, context, onFailure };
  const isAdopting = plan.disks.some(({ isAdopted }) => isAdopted === true);
  const disks = async (): Promise<void> => {
    // Nothing behind a link is touched. Of a directory that is empty still it cannot be told.
    if (isAdopting && !isNew) await refuseLink(directory.path, context);
    await makeDisks(place);
    if (!isAdopting && !isNew) await refuseLink(directory.path, context);
    progress.done(`Storage created (${describeSizes(plan)})`);
    if (seed !== undefined) progress.begin(`Generating the ${SEED_WORDS[seed.format]}`);
  };
  await (meanwhile !== undefined && isNew
    ? allOf([disks(), createRest(plan, place)])
    : disks().then(() => createRest(plan, place)));
  if (seed !== undefined) progress.done(`${capitalized(SEED_WORDS[seed.format])} generated`);
  signal.throwIfAborted();
  await growAdopted(plan.disks, place);
  const untilClear = (): Promise<void> => refuseAnswered(loaded, asked, context);
  await complete(domain, { plan, isStarted, untilClear }, context, onFailure);
  await release().catch(() => context.progress.note(couldNotStop(pool)));
}

const SEED_WORDS: Readonly<Record<ProvisioningFormat, string>> = {
  'cloud-init': 'cloud-init ISO',
  ignition: 'Ignition config',
};

function capitalized(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}

/** What lies beside the disks. */
async function createRest({ seed, consoleLog }: VmPlan, place: VmPlace): Promise<void> {
  const { hypervisor, signal } = place.context;
  const log = async (): Promise<void> => {
    signal.throwIfAborted();
    await createVolume(consoleLog, place);
  };
  const upload = seed === undefined ? Promise.resolve() : createSeed(seed, place);
  await (isElsewhere(hypervisor) ? allOf([upload, log()]) : upload.then(log));
}

/**
 * Of a directory that was there before, and on another machine: libvirt can tell only now that something is
 * in it.
 */
async function refuseLink(directory: string, context: VmContext): Promise<void> {
  if ((await isLinked(directory, context.hypervisor)) !== undefined) return;
  const looking = explaining(isLink(directory, context), 'storage', `cannot look at ${directory}`);
  if (await looking) throw new PlowError('storage', linkInPlace(directory));
}

function describeSizes({ disks }: VmPlan): string {
  const [boot, ...data] = disks.map(({ bytes }) => bytes / GIB);
  if (data.length === 0) return `${boot} GB boot`;
  return `${boot} GB boot + ${data.reduce((sum, size) => sum + size, 0)} GB data`;
}
