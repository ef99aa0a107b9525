import { posix } from 'node:path';
import type { LoadedMachine, Machine } from '../../config/machine.ts';
import { provisioningFile, provisioningFileOf } from '../../config/vm-paths.ts';
import { HypervisorError } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { driveWithFile, withFile, withMetadata } from '../../libvirt-xml/change/document.ts';
import { isSeedOf } from '../../libvirt-xml/domain/devices/seed.ts';
import { readDomain } from '../../libvirt-xml/domain/read.ts';
import { changedMetadata } from '../../libvirt-xml/metadata/change.ts';
import type { MachineChange } from '../../libvirt-xml/metadata/change.ts';
import { METADATA_NAMESPACE } from '../../libvirt-xml/metadata/metadata.ts';
import { toStored } from '../../libvirt-xml/metadata/stored-vm.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import type { PlannedVolume } from '../create/plan.ts';
import type { VmPlace } from '../create/vm-place.ts';
import { createVolume } from '../create/volumes.ts';
import { explaining } from '../failure.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { explainOfVm } from '../list/unknown-vm.ts';
import { withRollback } from '../rollback.ts';
import type { OnFailure } from '../rollback.ts';
import { stopLentPools } from '../storage/directory-pool.ts';
import { closeOwn, openOwn, sweepAfter } from './directory.ts';
import { lookAtOwn } from './look.ts';
import type { OwnVm } from './look.ts';
import { readOldSeed, seedOfFile } from './seed.ts';
import type { NewSeed } from './seed.ts';

/** Of a UUID: enough that no two of a VM are alike. */
const MARK_LENGTH = 8;

/**
 * Has cloud-init in the guest of a VM run again, with what its file says now: a new seed with a new
 * instance-id is made beside the old one, the VM is defined with it and with what its metadata say of the
 * guest (names, ssh user, host keys, addresses of interfaces that it has, by MAC address), all in one call,
 * and the old seed is removed. Host keys that plow made stay; others plow cannot read, and the guest gets
 * new ones of plow's, unless the file says ssh_host_keys: false.
 *
 * The VM goes on as it is: cloud-init looks at its seed when the guest boots, so the caller restarts one
 * that runs. The drive of one that runs has the new seed at once where its bus allows (scsi, sata). Nothing
 * else of the file is looked at; whether its addresses are free is the caller's to know.
 *
 * Killed at any point, the VM has one whole seed, the old or the new; the same call again does all of it.
 * @param domain of a VM that plow made with a seed of cloud-init; the caller disposes of it
 * @throws PlowError (operation, storage) @throws Interrupted
 */
export async function reseedVm(
  domain: Domain,
  { machine }: Pick<LoadedMachine, 'machine'>,
  context: VmContext,
): Promise<'changed'> {
  const { name } = domain;
  const { progress } = context;
  const cannot = `cannot give VM '${name}' another seed`;
  progress.begin(`Making a seed of VM '${name}'`);
  try {
    const vm = await lookAtOwn(domain, cannot);
    const before = seedPathOf(vm, machine, cannot);
    throwIfInterrupted(context, `VM '${name}' is as it was`);
    const opened = await withRollback(
      async (onFailure) => {
        const directory = await openOwn(vm, context, onFailure);
        const old = await readOldSeed(directory.pool, posix.basename(before), context);
        const seed = seedOfFile(machine, old, context);
        const path = await makeSeed(vm, seed, {
          pool: directory.pool,
          uuid: domain.uuid,
          context,
          onFailure,
        });
        throwIfInterrupted(context, `VM '${name}' is as it was`);
        await exchange(vm, { before, path, change: changeOf(machine, path, seed) }, context, onFailure);
        if (!seed.keepsHostKeys) progress.note(newKeys(name, seed));
        return directory;
      },
      async (left) =>
        progress.note(`could not take back: ${left.join(', ')} (plow gc names what is left over)`),
    );
    await sweepAfter(vm, opened.pool, context, [before]);
    await closeOwn(opened, context);
    await stopLentPools(context);
  } catch (error) {
    throw explainOfVm(error, name, cannot);
  }
  progress.done(`VM '${name}' has another seed, and is a new instance to cloud-init at its next boot`);
  return 'changed';
}

export function newKeys(name: string, { hostKeys = [] }: Pick<NewSeed, 'hostKeys'>): string {
  return hostKeys.length === 0
    ? `the guest of VM '${name}' makes host keys of its own: plow ssh does not know them`
    : `the host keys of VM '${name}' are new: those that it had plow did not make, or cannot read`;
}

/** @throws PlowError (operation) where the VM, or the file, has no seed */
function seedPathOf({ domain: { name }, stored, metadata }: OwnVm, machine: Machine, cannot: string): string {
  const { declared } = metadata;
  const refuse = (why: string): never => {
    throw new PlowError('operation', `${cannot}: ${why}`, {
      hint: `plow rebuild ${shellArgument(name)} --file FILE gives it a new boot disk`,
    });
  };
  if (machine.provisioning?.format !== 'cloud-init') return refuse('its file says nothing to cloud-init');
  if (declared.provisioning?.format !== 'cloud-init')
    return refuse('it was made without a seed of cloud-init');
  const path = seedOf({ stored, metadata });
  if (path === undefined) return refuse('none of its drives has its seed any more');
  return path;
}

/** Path of the seed that plow made, or that of the VM's maker before it was adopted. */
export function seedOf({ stored, metadata }: Pick<OwnVm, 'stored' | 'metadata'>): string | undefined {
  const { directory, declared } = metadata;
  const file = provisioningFileOf({ format: 'cloud-init', file: declared.provisioning?.file });
  const known = [`${directory}/${file}`, `${directory}/${declared.name}-cloudinit.iso`];
  return readDomain(stored)
    .disks.map(({ source }) => source)
    .find((path) => path !== undefined && known.includes(path));
}

/** Makes the file beside the one that is there. @returns its path @throws PlowError (storage), Interrupted */
export async function makeSeed(
  { metadata: { directory } }: OwnVm,
  { bytes }: NewSeed,
  place: VmPlace,
  mark = place.context.newUuid().slice(-MARK_LENGTH),
): Promise<string> {
  const name = provisioningFile('cloud-init', mark);
  const path = `${directory}/${name}`;
  const planned: PlannedVolume = { name, path, format: 'raw', bytes: bytes.length, from: undefined };
  const volume = await createVolume(planned, place);
  await explaining(volume.upload(bytes), 'storage', `cannot upload ${name}`);
  return path;
}

function changeOf(machine: Machine, path: string, { hostKeys }: NewSeed): MachineChange {
  const { cloudInit, interfaces } = toStored(machine, hostKeys);
  return { guest: { file: posix.basename(path), told: cloudInit, interfaces } };
}

interface Exchange {
  readonly before: string;
  readonly path: string;
  readonly change: MachineChange;
}

async function exchange(
  { domain, text, stored, live, status, metadata }: OwnVm,
  { before, path, change }: Exchange,
  { hypervisor, progress }: VmContext,
  onFailure: OnFailure,
): Promise<void> {
  const define = async (document: string): Promise<void> => {
    const defined = await hypervisor.defineDomain(document);
    defined[Symbol.dispose]();
  };
  const element = changedMetadata(stored, change);
  if (element === undefined) throw new Error('a seed of another name is a change');
  onFailure(`the seed of VM '${domain.name}'`, () => define(text));
  await define(withMetadata(withFile(text, before, path), 'vm', METADATA_NAMESPACE, element));
  if (live === undefined) return;
  await domain.setMetadata(element, METADATA_NAMESPACE);
  // What one that was killed has stored, the VM that runs has not yet.
  const seen = readDomain(live).disks.find((disk) => isSeedOf(disk, metadata.directory))?.source ?? before;
  const drive = driveWithFile(status.documents.live ?? '', seen, path);
  try {
    if (drive !== undefined) await domain.updateDevice(drive, ['live'], true);
    else progress.note('its guest sees the seed once the VM was off and is started again');
  } catch (error) {
    if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
    progress.note(`its guest sees the seed once the VM was off and is started again: ${error.message}`);
  }
}
