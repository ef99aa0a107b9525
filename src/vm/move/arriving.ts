import { posix } from 'node:path';
import { HypervisorError } from '../../errors/hypervisor-error.ts';
import type { DomainDocument } from '../../hypervisor/domain-facts.ts';
import { moveOf } from '../../libvirt-xml/metadata/move.ts';
import { movingDocument } from '../../libvirt-xml/move/document.ts';
import { hostUuid, readCapabilities } from '../../libvirt-xml/read/capabilities.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import { bytesText } from '../../text/quantities.ts';
import { toBridge, isRefusal } from '../host/bridges.ts';
import { impassable } from '../host/directories.ts';
import type { Directories } from '../host/directories.ts';
import { PoolDirectories } from '../host/pool-directories.ts';
import { RememberedDirectories } from '../host/remembered-directories.ts';
import { noStoragePath } from '../host/storage-path.ts';
import { withRepair } from '../host-problem.ts';
import { isInImageDirectory } from '../image-store/directory.ts';
import { clashesWith } from '../network/taken-addresses.ts';
import type { Ends } from './ends.ts';
import { seenFile } from './leaving.ts';
import type { FileOf, Leaving } from './leaving.ts';

/** What is known of where a VM is to go, and what keeps it from there. */
export interface Arriving {
  /** Base images that are not there, and go along. */
  readonly bases: readonly FileOf[];
  /** Base images that are there, by what is known of them without reading them. */
  readonly alike: readonly FileOf[];
  readonly obstacles: readonly string[];
}

/** @param token of a move that has been there before @throws PlowError, HypervisorError */
export async function lookAtArriving(
  leaving: Leaving,
  { from, to }: Ends,
  token: string | undefined,
): Promise<Arriving> {
  const { hypervisor } = to.context;
  const capabilities = await hypervisor.capabilities();
  const here = hostUuid(await from.context.hypervisor.capabilities());
  if (here !== undefined && here === hostUuid(capabilities))
    return { bases: [], alike: [], obstacles: [`${to.name} is the hypervisor that it is on`] };
  const documents = await hypervisor.domainDocuments();
  const isOurs = documents.some((one) => isOf(one, leaving.uuid, token));
  const directories = new RememberedDirectories(new PoolDirectories(to.context));
  const bases = await basesThere(leaving, to.context, token);
  const obstacles = [
    ...ofNames(leaving, documents, token, to.name),
    ...(await ofNetwork(leaving, to)),
    ...(await ofDirectory(leaving, directories, isOurs, to)),
    ...(await ofPlaces(leaving, bases.missing, directories, to)),
    ...(await ofMedia(leaving, { from, to })),
    ...bases.obstacles,
    ...(await ofQemu(leaving, to)),
  ];
  const { qemuUser } = readCapabilities(capabilities);
  const parent = posix.dirname(leaving.metadata.directory);
  const closed = await impassable(parent, directories, { qemuUser });
  if (closed !== undefined) obstacles.push(`on ${to.name} ${withRepair(closed)}`);
  return { bases: bases.missing, alike: bases.alike, obstacles };
}

function isOf({ uuid, stored }: DomainDocument, wanted: string, token: string | undefined): boolean {
  if (uuid !== wanted || token === undefined) return false;
  const document = parseIfPossible(stored);
  return document !== undefined && moveOf(document)?.token === token;
}

function ofNames(
  { name, uuid, metadata }: Leaving,
  documents: readonly DomainDocument[],
  token: string | undefined,
  host: string,
): readonly string[] {
  const others = documents.filter((one) => !isOf(one, uuid, token));
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

/** Room for all that goes along. */
async function ofPlaces(
  { metadata: { directory }, files }: Leaving,
  bases: readonly FileOf[],
  directories: Directories,
  { name }: Ends['to'],
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
    if (typeof (await directories.facts(at)) === 'string')
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

async function ofMedia(
  { others }: Leaving,
  { from, to }: Pick<Ends, 'from' | 'to'>,
): Promise<readonly string[]> {
  const obstacles: string[] = [];
  for (const path of others) {
    const here = await seenFile(path, from.context);
    const there = await seenFile(path, to.context);
    if (there === undefined)
      obstacles.push(`${to.name} has no ${path}, which is in its drive: plow media eject`);
    else if (here !== undefined && here.bytes !== there.bytes)
      obstacles.push(`${path}, which is in its drive, is another file on ${to.name}`);
  }
  return obstacles;
}

/** Of a move that was there before, a base that it was to bring may be half there. */
async function basesThere(
  { bases, mark }: Leaving,
  there: Ends['to']['context'],
  token: string | undefined,
): Promise<Arriving & { readonly missing: readonly FileOf[] }> {
  const begun = new Set(token === undefined ? [] : mark?.bases);
  const missing: FileOf[] = [];
  const alike: FileOf[] = [];
  const obstacles: string[] = [];
  for (const base of bases) {
    const found = begun.has(base.path) ? undefined : await seenFile(base.path, there);
    const [one, other] = [base, found].map((each) => each && marksOf(each));
    if (found === undefined) missing.push(base);
    else if (one === other) alike.push(base);
    else obstacles.push(`its base image ${base.path} is another one there (${other}, and here ${one})`);
  }
  return { missing, alike, obstacles, bases: [] };
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
