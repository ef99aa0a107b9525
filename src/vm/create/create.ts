import { shellArgument } from '../../text/shell-quote.ts';
import type { LoadedMachine, Machine } from '../../config/machine.ts';
import { seedFiles, SEED_VOLUME_ID } from '../../provision/cloud-init/seed-files.ts';
import { isReason } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { writeIso } from '../../iso9660/write-iso.ts';
import { METADATA_NAMESPACE, newMetadata } from '../../libvirt-xml/metadata/metadata.ts';
import type { NewMetadata } from '../../libvirt-xml/metadata/metadata.ts';
import { domainXml } from '../../libvirt-xml/domain/write.ts';
import { metadataWithoutNamespace } from '../../libvirt-xml/metadata/write.ts';
import { vmDirectory } from '../../config/vm-paths.ts';
import type { VmContext } from '../context.ts';
import { takenMeanwhile } from './claim-addresses.ts';
import { createDisks, createSeed } from './disks.ts';
import { explain, explaining } from '../failure.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { linkInPlace } from './check-storage-path.ts';
import { couldNotStop } from '../storage/directory-pool.ts';
import { isLink } from '../storage/open-vm-directory.ts';
import { nameTaken, preflight } from './preflight.ts';
import type { Preflight } from './preflight.ts';
import { withRollback } from '../rollback.ts';
import type { OnFailure } from '../rollback.ts';
import { forceOff } from '../lifecycle/stop.ts';
import { isLinked } from '../host/strangers.ts';
import { addressTaken } from '../network/taken-addresses.ts';
import { makeVmDirectory } from '../storage/vm-directory.ts';

/**
 * Makes a VM and starts it. The domain is defined first, marked `creating`: its name is then taken,
 * and should plow die, `list` shows the VM as incomplete and `destroy` removes what there is of it.
 * On failure everything that was made is taken back.
 * @param onLeft is told what could not be @throws PlowError, Interrupted
 */
export async function createVm(
  loaded: LoadedMachine,
  context: VmContext,
  onLeft: (what: readonly string[]) => void = () => {},
): Promise<{ readonly uuid: string }> {
  const { machine } = loaded;
  const { progress } = context;
  // Of another one, in a run that makes several, something may have been made.
  context.making(false);
  progress.title(`Creating VM '${machine.name}'...`);
  progress.begin('Checking the configuration');
  const checked = await preflight(loaded, context);
  progress.done('Configuration validated');
  const uuid = context.newUuid();
  await withRollback(
    (onFailure) => build(loaded, uuid, checked, context, onFailure),
    (left) => {
      onLeft(left);
      return tellLeft(left, machine.name, uuid, context);
    },
  );
  progress.success(`Successfully created VM '${machine.name}'`);
  return { uuid };
}

/** Where somebody else has destroyed the VM meanwhile, all that has its name now is theirs. */
async function tellLeft(
  left: readonly string[],
  name: string,
  uuid: string,
  { hypervisor, progress }: VmContext,
): Promise<void> {
  const found = await hypervisor.findDomain(name).catch(() => 'unknown' as const);
  const isOurs = found === 'unknown' || found?.uuid === uuid;
  const words = `left: ${left.join(', ')} (plow destroy ${shellArgument(name)} removes what there is)`;
  progress.note(isOurs ? words : `VM '${name}' was removed by somebody else meanwhile`);
}

async function build(
  loaded: LoadedMachine,
  uuid: string,
  checked: Preflight,
  context: VmContext,
  onFailure: OnFailure,
): Promise<void> {
  const { machine } = loaded;
  const { progress, signal } = context;
  const createdAt = context.now();
  const directory = vmDirectory(context.storagePath, machine.name);
  const { version } = context;
  const metadata = newMetadata(machine, { status: 'creating', uuid, version, createdAt, directory });
  const seed = seedIso(machine, createdAt);
  signal.throwIfAborted();
  // Whatever comes of it: an answer that is under way may say that the domain is there.
  context.making(true);
  const domain = await reserve(machine, checked, metadata, context, onFailure);
  await claim(loaded, domain, metadata, checked.others, context);

  progress.begin('Creating storage');
  signal.throwIfAborted();
  const making = makeVmDirectory(context, machine.name, directory, checked.qemuUser, onFailure);
  const { pool, isNew, release } = await explaining(making, 'storage', `cannot make ${directory}`);
  signal.throwIfAborted();
  const place = { pool, directory, uuid, context, onFailure };
  await createDisks(machine, checked.baseImage, place);
  if (!isNew) await refuseLink(directory, context);
  progress.done(`Storage created (${describeSizes(machine)})`);

  if (seed !== undefined) {
    progress.begin('Generating the cloud-init ISO');
    signal.throwIfAborted();
    await createSeed(seed, place);
    progress.done('Cloud-init ISO generated');
  }
  signal.throwIfAborted();
  await complete(domain, machine, metadata, context, onFailure);
  await release().catch(() => progress.note(couldNotStop(pool)));
}

/** Of a directory that was there before, and on another machine: libvirt can tell only now that something is in it. */
async function refuseLink(directory: string, context: VmContext): Promise<void> {
  if ((await isLinked(directory, context.hypervisor)) !== undefined) return;
  const looking = explaining(isLink(directory, context), 'storage', `cannot look at ${directory}`);
  if (await looking) throw new PlowError('storage', linkInPlace(directory));
}

function seedIso(machine: Machine, createdAt: Date): Uint8Array | undefined {
  if (machine.cloudInit === undefined) return undefined;
  const files = seedFiles(machine, machine.cloudInit, createdAt);
  return writeIso({ volumeId: SEED_VOLUME_ID, files, createdAt });
}

/** Takes the name, atomically: libvirt lets one domain have it. */
async function reserve(
  machine: Machine,
  { virtType, baseImage }: Preflight,
  metadata: NewMetadata,
  { hypervisor }: VmContext,
  onFailure: OnFailure,
): Promise<Domain> {
  const backingFormat = machine.bootDisk.format === 'qcow2' ? baseImage?.format : undefined;
  const xml = domainXml(machine, { virtType, backingFormat, metadata });
  try {
    const domain = await hypervisor.defineDomain(xml);
    onFailure(`domain ${machine.name}`, (clean) => takeBack(domain, clean));
    return domain;
  } catch (error) {
    const lookUp = (): Promise<Domain | undefined> =>
      hypervisor.findDomain(machine.name).catch(() => undefined);
    if (isReason(error, 'already-exists') && (await lookUp()) !== undefined) {
      throw new PlowError('validation', nameTaken(machine.name), { cause: error });
    }
    throw explain(error, 'operation', `cannot define VM '${machine.name}'`);
  }
}

/** Takes the addresses: libvirt lets any number of domains have them. */
async function claim(
  { machine, locate }: Pick<LoadedMachine, 'machine' | 'locate'>,
  domain: Domain,
  metadata: NewMetadata,
  others: ReadonlySet<string>,
  context: VmContext,
): Promise<void> {
  const known = new Set([...others, metadata.uuid]);
  const taken = await takenMeanwhile(machine, metadata, known, context);
  const { address = '', mac = '' } = machine.interfaces[taken?.index ?? 0] ?? {};
  if (taken !== undefined) {
    const place = locate(['network_interfaces', taken.index, 'ip']);
    throw new PlowError('validation', `${place}: ${addressTaken(taken.owner, address, mac)}`);
  }
  const claimed = metadataWithoutNamespace({ ...metadata, claimed: true });
  const saying = domain.setMetadata(claimed, METADATA_NAMESPACE);
  await explaining(saying, 'operation', `cannot complete VM '${machine.name}'`);
}

/** While something is left the domain stays as well: it names what is left, and destroy removes both. */
async function takeBack(domain: Domain, clean: boolean): Promise<void> {
  if (!clean) throw new Error('something of it is left');
  await domain.undefine();
}

/** The domain counts as complete from its very last change on. */
async function complete(
  domain: Domain,
  machine: Machine,
  metadata: NewMetadata,
  { progress, signal, settled }: VmContext,
  onFailure: OnFailure,
): Promise<void> {
  const message = `cannot complete VM '${machine.name}'`;
  progress.done('Domain defined');
  progress.begin('Starting the VM');
  // A start whose answer does not arrive may have worked.
  onFailure(`VM '${machine.name}', perhaps running`, () => forceOff(domain));
  await explaining(domain.start(), 'operation', `cannot start VM '${machine.name}'`);
  signal.throwIfAborted();
  if (machine.autostart) await explaining(domain.setAutostart(true), 'operation', message);
  signal.throwIfAborted();
  settled();
  const ready = metadataWithoutNamespace({ ...metadata, status: 'ready' });
  await explaining(domain.setMetadata(ready, METADATA_NAMESPACE), 'operation', message);
  progress.done('VM started');
}

function describeSizes({ bootDisk, dataDisks }: Machine): string {
  const boot = `${bootDisk.sizeGib} GB boot`;
  if (dataDisks.length === 0) return boot;
  return `${boot} + ${dataDisks.reduce((sum, { sizeGib }) => sum + sizeGib, 0)} GB data`;
}
