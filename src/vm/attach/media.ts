import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { DiskFacts } from '../../libvirt-xml/domain/devices/disk.ts';
import { driveIn, driveXml, sameDriveXml } from '../../libvirt-xml/domain/devices/medium.ts';
import { readCapabilities } from '../../libvirt-xml/read/capabilities.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import type { Inspection } from '../host/inspection.ts';
import { PoolDirectories } from '../host/pool-directories.ts';
import { Questions } from '../host/questions.ts';
import { RememberedDirectories } from '../host/remembered-directories.ts';
import { inspectMedium, refuseGoingMedium } from '../image/medium.ts';
import { throwIfInterrupted } from '../interruption.ts';
import type { Changed } from '../lifecycle/power.ts';
import { withRollback } from '../rollback.ts';
import type { OnFailure } from '../rollback.ts';
import { driveOf } from './drive.ts';
import { look, ofVm, writeDown } from './look.ts';
import type { Seen } from './look.ts';

/** What is to be in a drive. */
export type MediaWish =
  | { readonly action: 'eject'; readonly isForced: boolean }
  | { readonly action: 'insert'; readonly find: FindMedium | undefined; readonly isForced: boolean };

/**
 * Finds the medium on the hypervisor, and brings it there where it has to. @returns its path there
 * @throws PlowError, Interrupted
 */
export type FindMedium = (inspection: Inspection) => Promise<string>;

/** A drive, and what is to be in it. */
interface Plan {
  readonly drive: DiskFacts;
  /** Undefined: nothing. */
  readonly image: string | undefined;
  readonly isForced: boolean;
}

/**
 * Takes the medium out of a VM's drive, or puts one in, while it runs and for its next start alike. What one
 * that was killed has not written into the metadata the same command does.
 * @throws PlowError (operation, validation, storage) @throws Interrupted
 */
export async function changeMedium(domain: Domain, context: VmContext, wish: MediaWish): Promise<Changed> {
  const { name } = domain;
  const { progress } = context;
  progress.begin(`Changing VM '${name}'`);
  const seen = await look(domain);
  const mistakes: string[] = [];
  const inspection = await inspectionOf(context, mistakes);
  const drive = await driveOf(seen, inspection);
  const { target } = drive;
  const image = await wantedIn(wish, seen, drive, inspection);
  const holds = `VM '${name}' has ${image ?? 'nothing'} in its drive ${target}`;
  if (drive.source === image && isSameLive(seen, drive, image)) {
    await ofVm(writeDown(domain, { medium: { target, image } }), name);
    progress.note(`${holds} already`);
    return 'unchanged';
  }
  if (image !== undefined) await inspectMedium(image, [], inspection);
  if (mistakes.length > 0) throw new PlowError('validation', mistakes.join('\n'));
  throwIfInterrupted(context, `VM '${name}' is as it was`);
  await withRollback(
    (onFailure) => exchange(seen, { drive, image, isForced: wish.isForced }, context, onFailure),
    async (left) => progress.note(`could not take back: ${left.join(', ')}`),
  );
  progress.done(holds);
  return 'changed';
}

/** What the checks before a create look with. @throws PlowError */
async function inspectionOf(context: VmContext, mistakes: string[]): Promise<Inspection> {
  const { hypervisor } = context;
  const asking = hypervisor.capabilities();
  const message = 'cannot read the capabilities of the hypervisor';
  return {
    context,
    host: readCapabilities(await explaining(asking, 'operation', message)),
    directories: new RememberedDirectories(new PoolDirectories(context)),
    questions: new Questions(hypervisor),
    report: (_, text) => void mistakes.push(text),
    notChecked: () => {},
  };
}

/** What is to be in the drive; undefined: nothing. @throws PlowError, Interrupted */
async function wantedIn(
  wish: MediaWish,
  seen: Seen,
  drive: DiskFacts,
  inspection: Inspection,
): Promise<string | undefined> {
  if (wish.action === 'eject') return undefined;
  return wish.find === undefined ? lastOf(seen, drive) : wish.find(inspection);
}

/** What is in the drive, or was before it was ejected. @throws PlowError (config) */
function lastOf({ domain, metadata }: Seen, { source }: DiskFacts): string {
  const cdrom = metadata?.declared.cdrom;
  const last = source ?? cdrom?.image ?? cdrom?.ejected;
  if (last !== undefined) return last;
  throw new PlowError('config', `it is not known what was in the drive of VM '${domain.name}' last`, {
    hint: 'give the path of an ISO on the hypervisor',
  });
}

/** A VM that started without its ISO, as that was gone, has an empty drive. */
function isSameLive({ live }: Seen, { target }: DiskFacts, image: string | undefined): boolean {
  if (live === undefined) return true;
  const drive = live.disks.find((disk) => disk.target === target);
  return drive === undefined || drive.source === image;
}

async function exchange(seen: Seen, plan: Plan, context: VmContext, onFailure: OnFailure): Promise<void> {
  const { domain } = seen;
  const { drive, image, isForced } = plan;
  const { target } = drive;
  const { name } = domain;
  // What runs first: its guest may have the tray locked. Each as it is there: a place differs, or a name.
  for (const view of ['live', 'stored'] as const) {
    const [stored, live] = seen.documents;
    const document = view === 'live' ? live : stored;
    const element = document && driveIn(document, target);
    if (element === undefined) continue;
    onFailure(`${drive.source ?? 'the empty drive'} in ${target}`, () =>
      domain.updateDevice(sameDriveXml(element), [view], isForced),
    );
    await ofVm(domain.updateDevice(driveXml(element, image), [view], isForced), name);
  }
  await refuseGoingMedium(image, context);
  await ofVm(writeDown(domain, { medium: { target, image } }), name);
  const after = await look(domain);
  const now = after.stored.disks.find((disk) => disk.target === target);
  if (now?.source === image && isSameLive(after, drive, image)) return;
  throw new PlowError('operation', `the drive ${target} of VM '${name}' is not as it was to be`, {
    hint: 'somebody else may have changed it at the same time: the same command looks again',
  });
}
