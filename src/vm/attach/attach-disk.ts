import { dataDiskFile } from '../../config/vm-paths.ts';
import type { CacheMode } from '../../config/machine.ts';
import { ioThreadOf } from '../../config/machine/extras.ts';
import type { IoLimits } from '../../config/machine/extras.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { dataDiskXml, takesThread } from '../../libvirt-xml/domain/devices/disk.ts';
import { volumeXml } from '../../libvirt-xml/write/storage.ts';
import { bytesText } from '../../text/quantities.ts';
import { GIB } from '../../text/units.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { throwIfInterrupted } from '../interruption.ts';
import type { Changed } from '../lifecycle/power.ts';
import { withRollback } from '../rollback.ts';
import type { OnFailure } from '../rollback.ts';
import { withPoolOn } from '../storage/directory-pool.ts';
import { lookAt } from '../storage/find-volume.ts';
import { removeFile } from '../storage/remove-file.ts';
import { look, ofVm, writeDown } from './look.ts';
import type { Seen } from './look.ts';

/** An empty disk that a VM is to get. */
export interface NewDisk {
  readonly sizeGib: number;
  /** Undefined: the first that is free. */
  readonly target: string | undefined;
  /** Undefined: as plow's VM files have it by default. */
  readonly cache?: CacheMode;
  readonly discard?: 'ignore' | 'unmap';
  readonly ioLimits?: IoLimits;
}

/** As plow's VM files have it. */
const TUNING = { cache: 'none', discard: 'ignore' } as const;
const TARGETS = 'bcdefghijklmnopqrstuvwxyz'.split('').map((letter) => `vd${letter}`);

/** What is to be made, and where. */
interface Plan {
  readonly sizeGib: number;
  readonly target: string;
  readonly tuning: Required<Pick<NewDisk, 'cache' | 'discard'>> & Pick<NewDisk, 'ioLimits'>;
  readonly directory: string;
  readonly file: string;
}

/**
 * Gives a VM that plow made one more disk, while it runs or not. The metadata say it first, so that whatever
 * a plow that was killed has made of it is the VM's own: the same command finishes it, destroy removes it.
 * @throws PlowError (operation, storage) @throws Interrupted
 */
export async function attachDisk(domain: Domain, context: VmContext, wanted: NewDisk): Promise<Changed> {
  const { name } = domain;
  const { progress } = context;
  progress.begin(`Changing VM '${name}'`);
  const seen = await look(domain);
  const plan = planDisk(seen, wanted);
  const { target, sizeGib } = plan;
  const path = `${plan.directory}/${plan.file}`;
  if (seen.stored.disks.some((disk) => disk.target === target && disk.source === path)) {
    progress.note(`VM '${name}' has disk ${target} already`);
    return 'unchanged';
  }
  throwIfInterrupted(context, `VM '${name}' is as it was`);
  await withRollback(
    (onFailure) => make(seen, plan, context, onFailure),
    async (left) => progress.note(`could not take back: ${left.join(', ')}`),
  );
  progress.done(`VM '${name}' has disk ${target} of ${sizeGib} GiB: ${path}`);
  return 'changed';
}

function planDisk({ domain: { name }, stored, live, metadata }: Seen, wanted: NewDisk): Plan {
  if (metadata === undefined) {
    throw new PlowError(
      'operation',
      `VM '${name}' was not made by plow: it has no directory for another disk`,
    );
  }
  const { directory, declared } = metadata;
  const used = new Set([...stored.disks, ...(live?.disks ?? [])].map(({ target }) => target));
  // Of an attach that died.
  const begun = declared.dataDisks.find(
    ({ device, sizeGib }) => !used.has(device) && sizeGib === wanted.sizeGib,
  )?.device;
  const known = new Set(declared.dataDisks.map(({ device }) => device));
  const target = wanted.target ?? begun ?? TARGETS.find((device) => !used.has(device) && !known.has(device));
  if (target === undefined) throw new PlowError('operation', `VM '${name}' has no room for another disk`);
  const taken = stored.disks.find((disk) => disk.target === target);
  const file = dataDiskFile(target);
  const size = declared.dataDisks.find(({ device }) => device === target)?.sizeGib;
  const isOther = (used.has(target) && taken?.source !== `${directory}/${file}`) || target === 'vda';
  if (isOther || (size !== undefined && size !== wanted.sizeGib)) {
    throw new PlowError('operation', `VM '${name}' has another disk ${target}`, {
      hint: 'plow resize makes a disk larger; without --target the first that is free is taken',
    });
  }
  const { cache = TUNING.cache, discard = TUNING.discard, ioLimits } = wanted;
  const tuning = { cache, discard, ...(ioLimits === undefined ? {} : { ioLimits }) };
  return { sizeGib: wanted.sizeGib, target, tuning, directory, file };
}

async function make(seen: Seen, plan: Plan, context: VmContext, onFailure: OnFailure): Promise<void> {
  const { domain, live, metadata, stored } = seen;
  const { name } = domain;
  const { target, sizeGib, tuning, directory, file } = plan;
  // As create has them take the threads: those of a VM that runs are those that it was started with.
  const ioThread = ioThreadOf(stored.disks.filter(takesThread).length, (live ?? stored).extras.ioThreads);
  const isBegun = metadata?.declared.dataDisks.some(({ device }) => device === target) === true;
  if (!isBegun) {
    await refuseLeftover(plan, context);
    const { cache, discard } = tuning;
    const added = { device: target, sizeGib, cache, discard };
    await ofVm(writeDown(domain, { added }), name);
    onFailure(`disk ${target} in the metadata of VM '${name}'`, async () => {
      if (!(await isTaken(domain, plan))) await writeDown(domain, { removed: target });
    });
  }
  throwIfInterrupted(context, `VM '${name}' is as it was`);
  const isMade = await explaining(makeFile(plan, context), 'storage', `cannot create ${directory}/${file}`);
  if (isMade) {
    onFailure(`${directory}/${file}`, async () => {
      if (!(await isTaken(domain, plan))) await removeFile(`${directory}/${file}`, context);
    });
  }
  throwIfInterrupted(context, `VM '${name}' is as it was`);
  const xml = dataDiskXml({ ...tuning, ioThread }, `${directory}/${file}`, target);
  await ofVm(domain.attachDevice(xml, live === undefined ? ['stored'] : ['stored', 'live']), name);
}

/** Whether the VM has the disk by now: another plow took the file for that of an attach which had died. */
async function isTaken(domain: Domain, { directory, file }: Plan): Promise<boolean> {
  const { stored, live } = await look(domain);
  return [...stored.disks, ...(live?.disks ?? [])].some(({ source }) => source === `${directory}/${file}`);
}

/** A file that plow does not know as the VM's, such as that of a disk which was detached. */
async function refuseLeftover({ directory, file, target }: Plan, context: VmContext): Promise<void> {
  const path = `${directory}/${file}`;
  const looking = withPoolOn(directory, context, async (pool) => {
    using found = await lookAt(pool, file, context);
    return found !== undefined;
  });
  if (!(await explaining(looking, 'storage', `cannot look into ${directory}`))) return;
  throw new PlowError('storage', `${path} exists already, and is not a disk of the VM`, {
    hint: `move it away, or take another --target than ${target}`,
  });
}

/** @returns false where it is there already @throws HypervisorError, PlowError */
function makeFile({ directory, file, sizeGib }: Plan, context: VmContext): Promise<boolean> {
  const capacityBytes = sizeGib * GIB;
  return withPoolOn(directory, context, async (pool) => {
    using found = await lookAt(pool, file, context);
    if (found?.facts.capacityBytes === capacityBytes) return false;
    if (found !== undefined) {
      const has = bytesText(found.facts.capacityBytes);
      throw new PlowError('storage', `${directory}/${file} exists already, with ${has}`);
    }
    const document = volumeXml({ name: file, format: 'qcow2', capacityBytes, backing: undefined });
    const made = await pool.createVolume(document);
    made[Symbol.dispose]();
    return true;
  });
}
