import { posix } from 'node:path';
import { shellArgument } from '../../text/shell-quote.ts';
import { endOf } from '../../libvirt-xml/metadata/end.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import { readCapabilities } from '../../libvirt-xml/read/capabilities.ts';
import type { HostFacts } from '../../libvirt-xml/read/capabilities.ts';
import { imagesOf } from '../../config/machine/media.ts';
import type { LoadedMachine, Machine } from '../../config/machine.ts';
import type { GuestKind } from '../../config/settle.ts';
import { inspectBaseImage } from '../image/check.ts';
import type { BaseImage } from '../image/check.ts';
import { inspectConfig } from '../image/check-config.ts';
import { inspectMediumOf } from '../image/medium.ts';
import { inspectImageNeeds } from '../image/needs.ts';
import type { VmContext } from '../context.ts';
import { inspectExtras } from '../extras/inspect.ts';
import { endingWith } from '../at-once.ts';
import { explaining } from '../failure.ts';
import type { DomainDocument } from '../../hypervisor/domain-facts.ts';
import { tellAutostart } from '../lifecycle/session-autostart.ts';
import { PoolDirectories } from '../host/pool-directories.ts';
import type { AskedNeighbours } from '../host/asked-neighbours.ts';
import { VisibleDirectories } from '../host/visible-directories.ts';
import { inspectKept } from './adopt-data.ts';
import { askEarly } from './ask-early.ts';
import { chooseKind, emulationNote } from './choose-kind.ts';
import { inspectFeatures } from './check-features.ts';
import { inspectLeftovers } from './check-leftovers.ts';
import { inspectOtherHosts } from '../network/elsewhere.ts';
import { inspectNetwork } from '../network/inspect-network.ts';
import { inspectStoragePath } from './check-storage-path.ts';
import { inspectLayout } from './layout/check-layout.ts';
import { inspectMemory } from './check-memory.ts';
import { Complaints } from '../host/complaints.ts';
import type { ComingImage, Report, Inspection, Surroundings } from '../host/inspection.ts';
import { inspectRouting } from '../routing/inspect.ts';
import { inspectVnc } from '../vnc/inspect.ts';
import { Omissions } from '../host/not-checked.ts';
import type { NotChecked } from '../host/not-checked.ts';
import { lookAtPath } from '../host/own-storage-path.ts';
import { Questions } from '../host/questions.ts';
import { RememberedDirectories } from '../host/remembered-directories.ts';

export interface Preflight extends GuestKind {
  readonly baseImage: BaseImage | undefined;
  /** Whom QEMU runs as, where libvirt says. */
  readonly qemuUser: HostFacts['qemuUser'];
  readonly hidesThreads: boolean;
  /** What could not be looked at. */
  readonly notChecked: readonly NotChecked[];
  /** UUIDs of the VMs that there were. */
  readonly others: ReadonlySet<string>;
  /** Data disks that are taken as they are there, by their target devices. */
  readonly adopted: readonly string[];
  /** The hypervisor is this machine; looked at for a VM that has a screen. */
  readonly isHere: boolean | undefined;
}

/** What a machine's disks begin as, where that is not as its file says. */
export interface Begins {
  /** What is copied into its directory, besides an image. */
  readonly copiedBytes?: number;
  /** Its data disks are to be there already. */
  readonly adoptsData?: boolean;
  /** Who is asked whether they have its addresses, and is looked at once more before it is started. */
  readonly asked?: AskedNeighbours;
  /** Its image is still to be brought there. */
  readonly coming?: ComingImage | undefined;
  /** So too the ISO of its drive. */
  readonly isMediumComing?: boolean | undefined;
}

/**
 * Everything about a machine that only its hypervisor can tell, asked before anything is made.
 * @throws PlowError with one line per mistake: validation, or storage where only the storage path is at fault
 */
export async function preflight(
  loaded: LoadedMachine,
  context: VmContext,
  begins: Begins = {},
): Promise<Preflight> {
  const { machine } = loaded;
  const complaints = new Complaints(loaded);
  const { report } = complaints;
  const doubt: Report = (path, text) => context.progress.note(`${loaded.locate(path)}: ${text}`);
  const { early, ...surroundings } = await lookAround(context, [machine]);
  const omissions = new Omissions();
  const looksLater = begins.asked !== undefined;
  const inspection = { ...surroundings, report, doubt, ...begins, looksLater, notChecked: omissions.add };
  const inspected = await endingWith(early, inspectMachine(machine, inspection));
  const { ofStoragePath } = inspected;
  const error = complaints.error(ofStoragePath);
  if (error !== undefined) throw error;
  const note = emulationNote(machine, inspected, surroundings.host);
  if (note !== undefined) context.progress.note(note);
  tellAutostart(loaded, context);
  const others = new Set((await surroundings.questions.documents()).map(({ uuid }) => uuid));
  const isHere = machine.vnc === undefined ? undefined : context.hypervisor.local !== undefined;
  const { hidesThreads } = surroundings.host.topology;
  return { ...inspected, isHere, hidesThreads, notChecked: omissions.all, others };
}

/**
 * What is the same for every machine on a hypervisor.
 * @param machines what these will ask is asked meanwhile, until `early` ends, which is to be waited for
 * @throws PlowError (operation)
 */
export async function lookAround(
  context: VmContext,
  machines: readonly Machine[] = [],
): Promise<Surroundings & { readonly early: Promise<void> }> {
  const { hypervisor } = context;
  const directories = hypervisor.isReadOnly
    ? new VisibleDirectories(hypervisor)
    : new RememberedDirectories(new PoolDirectories(context));
  const questions = new Questions(hypervisor);
  const message = 'cannot read the capabilities of the hypervisor';
  const asking = explaining(hypervisor.capabilities(), 'operation', message).then(readCapabilities);
  const early = askEarly(machines, { context, questions, directories, host: asking });
  // Where it fails nothing is to go on unseen.
  const host = await asking.catch((error: unknown) => early.then(() => Promise.reject(error)));
  return { context, host, directories, questions, early };
}

/**
 * Complains of each mistake in a machine's file. @returns what is wrong with the storage path, a line each
 * @throws PlowError where the hypervisor cannot be asked
 */
export async function inspectMachine(
  machine: Machine,
  inspection: Inspection,
): Promise<
  Pick<Preflight, 'arch' | 'virtType' | 'baseImage' | 'qemuUser' | 'adopted'> & {
    readonly ofStoragePath: readonly string[];
  }
> {
  const { host, questions, report } = inspection;
  const looking = questions.documents();
  const documents = await explaining(looking, 'operation', 'cannot read the documents of the other VMs');
  const existing = documents.find(({ name }) => name === machine.name);
  if (existing !== undefined) report(['name'], whyNameTaken(existing));
  const kind = chooseKind(machine, host, report);
  await inspectFeatures(machine, kind, inspection);
  await inspectExtras(machine, kind, inspection);
  await inspectImageNeeds(machine, kind, inspection);
  const ofConfig = inspectConfig(machine, inspection);
  await inspectMemory(machine, inspection);
  await inspectLayout(machine, kind, inspection);
  await inspectNetwork(machine, inspection);
  await inspectOtherHosts(machine, inspection);
  await inspectRouting(machine, inspection);
  await inspectVnc(machine, inspection);
  const image = inspectBaseImage(machine, inspection);
  const baseImage = await explaining(image, 'storage', `cannot look at the image ${machine.bootDisk.image}`);
  await inspectMediumOf(machine, inspection);
  const ofStoragePath = [...ofConfig, ...(await inspectStoragePath(machine, baseImage, inspection))];
  const { qemuUser } = host;
  if (await isClosed(inspection)) return { ...kind, baseImage, qemuUser, adopted: [], ofStoragePath };
  await tellUnseen(machine, inspection);
  const leftovers = existing === undefined ? await filesInTheWay(machine, inspection) : [];
  const adopted = inspection.adoptsData === true ? await inspectKept(machine, inspection) : [];
  return { ...kind, baseImage, qemuUser, adopted, ofStoragePath: [...ofStoragePath, ...leftovers] };
}

/** Nobody can look into the storage path, which is complained of. */
async function isClosed({ context, directories }: Inspection): Promise<boolean> {
  const { hypervisor, storagePath } = context;
  const looking = lookAtPath(storagePath, directories, hypervisor);
  return 'closed' in (await explaining(looking, 'storage', `cannot look at the storage path ${storagePath}`));
}

/** None where a create has taken the name since the documents were read: they are its own. */
async function filesInTheWay(machine: Machine, inspection: Inspection): Promise<readonly string[]> {
  const leftovers = await inspectLeftovers(machine, inspection);
  if (leftovers.length === 0) return [];
  const looking = inspection.context.hypervisor.findDomain(machine.name);
  using found = await explaining(looking, 'operation', 'cannot look up the VM');
  if (found === undefined) return leftovers;
  inspection.report(['name'], nameTaken(machine.name));
  return [];
}

/** Directories on the way that nobody could look at, and the file system of one that somebody could. */
async function tellUnseen(machine: Machine, inspection: Inspection): Promise<void> {
  const { context, directories, notChecked } = inspection;
  const { storagePath, hypervisor } = context;
  const told = new Set([
    storagePath,
    ...imagesOf(machine).map((image) => posix.dirname(image)),
    ...machine.shares.map(({ source }) => posix.dirname(source)),
  ]);
  for (const [path, why] of directories.unseen) {
    if (!told.has(path)) notChecked({ check: 'access', path, why });
  }
  if (typeof (await directories.facts(storagePath)) === 'string') return;
  if ((await hypervisor.findFlaw(storagePath)) !== undefined) return;
  const why =
    hypervisor.local === undefined
      ? 'libvirt does not tell'
      : 'no file can be made or opened there to try it with';
  notChecked({ check: 'file-system', path: storagePath, why });
}

/** A create that died leaves its domain marked. */
function whyNameTaken({ name, stored }: DomainDocument): string {
  const document = parseIfPossible(stored);
  if (document !== undefined && endOf(document).undo !== undefined) return destroyedName(name);
  if (metadataInDomain(document)?.status !== 'creating') return nameTaken(name);
  return `VM '${name}' already exists, incomplete: its create is under way, or died (plow destroy ${shellArgument(name)} removes it)`;
}

function destroyedName(name: string): string {
  const argument = shellArgument(name);
  return `VM '${name}' is destroyed, and can be brought back (plow undelete ${argument} does so, plow destroy ${argument} removes it for good)`;
}

export function nameTaken(name: string): string {
  return `VM '${name}' already exists (plow list --all shows it, plow destroy ${shellArgument(name)} removes it)`;
}
