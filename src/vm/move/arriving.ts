import { posix } from 'node:path';
import { HypervisorError } from '../../errors/hypervisor-error.ts';
import type { DomainDocument } from '../../hypervisor/domain-facts.ts';
import { moveOf } from '../../libvirt-xml/metadata/move.ts';
import type { MoveMark } from '../../libvirt-xml/metadata/move.ts';
import { movingDocument } from '../../libvirt-xml/move/document.ts';
import { hostUuid as hostUuidIn, readCapabilities } from '../../libvirt-xml/read/capabilities.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import { bytesText } from '../../text/quantities.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { toBridge, isRefusal } from '../host/bridges.ts';
import { impassable } from '../host/directories.ts';
import type { Directories } from '../host/directories.ts';
import { PoolDirectories } from '../host/pool-directories.ts';
import { RememberedDirectories } from '../host/remembered-directories.ts';
import { noStoragePath } from '../host/storage-path.ts';
import { withRepair } from '../host-problem.ts';
import { isInImageDirectory } from '../image-store/directory.ts';
import { LIBVIRT_IMAGES } from '../ownership/own-files.ts';
import { clashesWith } from '../network/taken-addresses.ts';
import type { Ends } from './ends.ts';
import { isEmpty, seenFile } from './leaving.ts';
import type { FileOf, Leaving } from './leaving.ts';
import { hostUuid, isOfMove } from './marks.ts';

/** What is known of where a VM is to go, and what keeps it from there. */
export interface Arriving {
  /** Base images that are not there, and go along. */
  readonly bases: readonly FileOf[];
  /** Base images, and ISOs of drives, that are there, by what is known of them without reading them. */
  readonly alike: readonly FileOf[];
  readonly obstacles: readonly string[];
}

/** What tells what this move has made there before. */
interface Move {
  readonly token: string | undefined;
  /** UUID of the hypervisor that the VM is on. */
  readonly here: string | undefined;
}

/** @param token of a move that has been there before @throws PlowError, HypervisorError */
export async function lookAtArriving(
  leaving: Leaving,
  { from, to }: Ends,
  token: string | undefined,
): Promise<Arriving> {
  const { hypervisor } = to.context;
  const capabilities = await hypervisor.capabilities();
  const here = await hostUuid(from.context);
  if (here !== undefined && here === hostUuidIn(capabilities))
    return { bases: [], alike: [], obstacles: [`${to.name} is the hypervisor that it is on`] };
  const documents = await hypervisor.domainDocuments();
  const own = documents.flatMap((one) => ownMark(one, leaving.uuid, { token, here }) ?? []);
  const made = own.flatMap(({ bases: paths }) => paths);
  const isOurs = own.length > 0;
  const directories = new RememberedDirectories(new PoolDirectories(to.context));
  const bases = await basesThere(leaving, to.context, made);
  const media = await mediaThere(leaving, { from, to });
  const obstacles = [
    ...ofNames(leaving, documents, { token, here }, to.name),
    ...(await ofNetwork(leaving, to)),
    ...ofStoragePath(leaving, to),
    ...(await ofDirectory(leaving, directories, isOurs, to)),
    ...(await ofPlaces(leaving, bases.missing, directories, to)),
    ...media.obstacles,
    ...bases.obstacles,
    ...(await ofQemu(leaving, to)),
  ];
  const { qemuUser } = readCapabilities(capabilities);
  const parent = posix.dirname(leaving.metadata.directory);
  const closed = await impassable(parent, directories, { qemuUser });
  if (closed !== undefined) obstacles.push(`on ${to.name} ${withRepair(closed)}`);
  return { bases: bases.missing, alike: [...bases.alike, ...media.alike], obstacles };
}

/** Of what this move has made there. */
function ownMark({ uuid, stored }: DomainDocument, wanted: string, move: Move): MoveMark | undefined {
  const document = uuid === wanted ? parseIfPossible(stored) : undefined;
  const mark = document && moveOf(document);
  return isOfMove(mark, move.token, move.here) ? mark : undefined;
}

function ofNames(
  { name, uuid, metadata }: Leaving,
  documents: readonly DomainDocument[],
  move: Move,
  host: string,
): readonly string[] {
  const others = documents.filter((one) => ownMark(one, uuid, move) === undefined);
  const named = others.find((one) => one.name === name);
  const same = others.find((one) => one.uuid === uuid);
  const clashes = metadata.declared.interfaces.flatMap(({ address, mac }) =>
    mac === undefined
      ? []
      : clashesWith(
          { address, mac },
          others.filter((one) => one !== same),
          host,
        ),
  );
  return [
    ...(named === undefined || named === same ? [] : [`${host} has another VM of the name '${name}'`]),
    ...(same === undefined ? [] : [`${host} has VM '${same.name}' with its UUID ${uuid}`]),
    ...new Set(clashes.map(({ text }) => text)),
  ];
}

async function ofNetwork({ stored }: Leaving, { name, context }: Ends['to']): Promise<readonly string[]> {
  const { hypervisor } = context;
  const sources = stored.all('devices', 'interface').map((one) => one.first('source'));
  const bridges = new Set(sources.flatMap((source) => source?.attribute('bridge') ?? []));
  const networks = new Set(sources.flatMap((source) => source?.attribute('network') ?? []));
  const obstacles: string[] = [];
  for (const bridge of bridges) {
    try {
      const found = await hypervisor.findInterface(bridge);
      if (found === undefined) obstacles.push(`${name} has no bridge '${bridge}'`);
      else if (toBridge(found).type !== 'bridge') obstacles.push(`'${bridge}' is no bridge on ${name}`);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      context.progress.note(`whether ${name} has a bridge '${bridge}' is not known`);
    }
  }
  for (const network of networks) {
    const found = await hypervisor.networkXml(network).catch(unlessLost);
    if (found === undefined) obstacles.push(`${name} has no network '${network}'`);
  }
  if (stored.all('devices', 'interface').some((one) => one.attribute('type') === 'ethernet'))
    context.progress.note(
      `it is a routed VM: whether ${name} is set up for those is seen when it starts (plow doctor --host ${name})`,
    );
  return obstacles;
}

function unlessLost(error: unknown): undefined {
  if (error instanceof HypervisorError && error.reason === 'disconnected') throw error;
  return undefined;
}

async function ofDirectory(
  { metadata: { directory }, nvram, mark }: Leaving,
  directories: Directories,
  isOurs: boolean,
  { name, context }: Ends['to'],
): Promise<readonly string[]> {
  const { dir, base } = posix.parse(directory);
  const facts = await directories.facts(dir);
  if (facts === 'unseen') return [];
  if (typeof facts === 'string') return [`on ${name} ${withRepair(noStoragePath(dir, facts))}`];
  if (isOurs) return [];
  const entry = await directories.visit(dir, (view) => view.entry(base));
  const obstacles = entry === undefined ? [] : [`${directory} is there already on ${name}`];
  if (nvram === undefined || mark !== undefined) return obstacles;
  const variables = await seenFile(nvram.path, context);
  return variables === undefined
    ? obstacles
    : [...obstacles, `${nvram.path} is there already on ${name}: UEFI variables of a VM that is gone`];
}

/** Whoever has the hypervisor that it comes from says where its directory is. */
function ofStoragePath(
  { metadata: { directory } }: Leaving,
  { name, context: { storagePath } }: Ends['to'],
): readonly string[] {
  const parent = posix.dirname(directory);
  if (parent === storagePath) return [];
  return [
    `its directory is in ${parent}, and VMs of ${name} are in ${storagePath}: --storage-path ${shellArgument(parent)}, or storage_path in the settings, has them there, too`,
  ];
}

/** Room for all that goes along. */
async function ofPlaces(
  { metadata: { directory }, files }: Leaving,
  bases: readonly FileOf[],
  directories: Directories,
  { name, context: { storagePath } }: Ends['to'],
): Promise<readonly string[]> {
  const obstacles: string[] = [];
  const needed = new Map<string, number>();
  const add = (path: string, bytes: number): void => {
    needed.set(path, (needed.get(path) ?? 0) + bytes);
  };
  add(
    posix.dirname(directory),
    files.reduce((sum, { facts }) => sum + facts.allocationBytes, 0),
  );
  for (const { path, facts } of bases) {
    const place = posix.dirname(path);
    const at = isInImageDirectory(place) ? posix.dirname(place) : place;
    if (at !== storagePath && at !== LIBVIRT_IMAGES)
      obstacles.push(`its base image ${path} is not there, and none is made outside of ${storagePath} there`);
    else if (typeof (await directories.facts(at)) === 'string')
      obstacles.push(`${name} has no directory ${at} for its base image`);
    else add(at, facts.allocationBytes);
  }
  for (const [path, bytes] of needed) {
    const facts = await directories.facts(path);
    const available = typeof facts === 'object' ? facts.availableBytes : undefined;
    if (available !== undefined && available < bytes)
      obstacles.push(
        `the file system of ${path} on ${name} has ${bytesText(available)} free, and it takes ${bytesText(bytes)}`,
      );
  }
  return obstacles;
}

/** Those that are there are read, so that nobody comes by a file there that is not theirs. */
async function mediaThere(
  { others }: Leaving,
  { from, to }: Pick<Ends, 'from' | 'to'>,
): Promise<Pick<Arriving, 'alike' | 'obstacles'>> {
  const obstacles: string[] = [];
  const alike: FileOf[] = [];
  for (const path of others) {
    const here = await seenFile(path, from.context);
    const there = await seenFile(path, to.context);
    if (there === undefined)
      obstacles.push(`${to.name} has no ${path}, which is in its drive: plow media eject`);
    else if (here === undefined) obstacles.push(`${path}, which is in its drive, is not there any more`);
    else if (here.bytes !== there.bytes)
      obstacles.push(`${path}, which is in its drive, is another file on ${to.name}`);
    else alike.push(here);
  }
  return { alike, obstacles };
}

/** @param made paths of those that this move has made there, which may be half there */
async function basesThere(
  { bases, mark }: Leaving,
  there: Ends['to']['context'],
  made: readonly string[],
): Promise<Pick<Arriving, 'alike' | 'obstacles'> & { readonly missing: readonly FileOf[] }> {
  const missing: FileOf[] = [];
  const alike: FileOf[] = [];
  const obstacles: string[] = [];
  for (const base of bases) {
    const found = made.includes(base.path) ? undefined : await seenFile(base.path, there);
    // Whoever makes one says so right then: what was killed in between has left it empty.
    const isBegun =
      mark?.bases.includes(base.path) === true && found !== undefined && isEmpty(found.facts, base.bytes);
    const [one, other] = [base, found].map((each) => each && marksOf(each));
    if (found === undefined || isBegun) missing.push(base);
    else if (one === other) alike.push(base);
    else obstacles.push(`its base image ${base.path} is another one there (${other}, and here ${one})`);
  }
  return { missing, alike, obstacles };
}

function marksOf({ bytes, facts: { format, capacityBytes } }: FileOf): string {
  return `${format}, ${capacityBytes} bytes, a file of ${bytes}`;
}

/** Domain type, machine type, CPU and devices, as libvirt and its QEMU judge them there. */
async function ofQemu(
  { document, uuid }: Leaving,
  { name, context: { hypervisor } }: Ends['to'],
): Promise<readonly string[]> {
  const asked = movingDocument(document, { uuid, mark: undefined, isBarred: false, isElsewhere: true });
  const flaw = await hypervisor.flawOf(asked);
  return flaw === undefined ? [] : [`${name} could not run it: ${flaw}`];
}
