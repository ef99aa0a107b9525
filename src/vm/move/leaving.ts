import { posix } from 'node:path';
import { isReason } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { Ends } from './ends.ts';
import type { DomainStatus } from '../../hypervisor/domain-facts.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { DomainMetadata } from '../../libvirt-xml/metadata/metadata.ts';
import { endOf } from '../../libvirt-xml/metadata/end.ts';
import { moveOf } from '../../libvirt-xml/metadata/move.ts';
import type { MoveMark } from '../../libvirt-xml/metadata/move.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import { openDocument } from '../../libvirt-xml/move/document.ts';
import type { XmlElement } from '../../libvirt-xml/read/parse.ts';
import type { VolumeFacts } from '../../libvirt-xml/read/storage.ts';
import { readDisks, readUsedFiles } from '../../libvirt-xml/read/used-files.ts';
import { readNvramPath } from '../../libvirt-xml/read/firmware.ts';
import type { VmContext } from '../context.ts';
import { describeTarget } from '../destroy/target.ts';
import type { DestroyTarget } from '../destroy/target.ts';
import { ownFilesOf } from '../destroy/what-is-own.ts';
import type { OwnFiles } from '../ownership/own-files.ts';
import { readDocument } from '../read-document.ts';
import { withFreshPoolOn, withPoolOn } from '../storage/directory-pool.ts';
import { lookAt } from '../storage/find-volume.ts';
import { isOfPackages, ofPower } from './trust.ts';

/** A file that goes along, or that a disk stands on. */
export interface FileOf {
  readonly path: string;
  readonly facts: VolumeFacts;
  /** Its length. */
  readonly bytes: number;
}

/** What is known of a VM that is to move, and what keeps it from that. */
export interface Leaving {
  readonly name: string;
  readonly uuid: string;
  readonly status: DomainStatus;
  /** As it is stored, with all passwords, and with the paths of its disks as they are. */
  readonly document: string;
  readonly stored: XmlElement;
  readonly metadata: DomainMetadata;
  readonly mark: MoveMark | undefined;
  /** Of its directory. */
  readonly files: readonly FileOf[];
  /** Its UEFI variables, where they lie elsewhere and there are some. */
  readonly nvram: FileOf | undefined;
  readonly bases: readonly FileOf[];
  /** Files of others that its document names, such as media. */
  readonly others: readonly string[];
  readonly obstacles: readonly string[];
}

/**
 * Of a VM that plow made; undefined for another.
 * @throws PlowError, HypervisorError
 */
async function lookAtLeaving(domain: Domain, context: VmContext): Promise<Leaving | undefined> {
  const { name, uuid } = domain;
  const known = await domain.status();
  // Whether it has a QEMU libvirt's object tells as it was when it was looked up.
  const status = { ...known, active: known.state !== 'shut off' };
  const document = openDocument(await domain.wholeDocument());
  const stored = readDocument({ name, xml: document });
  const metadata = metadataInDomain(stored);
  if (metadata === undefined) return undefined;
  const { own, snapshots } = await ownFilesOf(await openTarget(domain, context), new Set(), context);
  const obstacles = [
    ...ofState(status, stored, metadata, snapshots),
    ...ofDevices(stored),
    ...ofPower(stored),
    ...ofFiles(own, stored),
  ];
  const files = await filesIn(own, context);
  const bases = await basesOf(stored, files, obstacles, context);
  return {
    name,
    uuid,
    status,
    document,
    stored,
    metadata,
    mark: moveOf(stored),
    files,
    nvram: await nvramOf(own, context),
    bases,
    others: othersOf(stored, own, bases, obstacles),
    obstacles,
  };
}

/** @throws PlowError (operation) for one that plow did not make; HypervisorError */
export async function lookAtOwn(domain: Domain, { from }: Pick<Ends, 'from'>): Promise<Leaving> {
  const { name } = domain;
  const leaving = await lookAtLeaving(domain, from.context);
  if (leaving === undefined) {
    throw new PlowError('operation', `VM '${name}' was not made by plow, and is not moved`, {
      hint: `plow export --adopt ${shellArgument(name)} makes it one of plow's, if it can be`,
    });
  }
  return leaving;
}

/** As destroy sees a VM, with the paths of its disks as they are. @throws PlowError */
export async function openTarget(domain: Domain, context: VmContext): Promise<DestroyTarget> {
  const { name } = domain;
  const target = await describeTarget(domain, context);
  const [stored, live] = [await domain.xml('stored'), await domain.xml('live')].map((xml) =>
    readDocument({ name, xml: openDocument(xml) }),
  );
  return { ...target, stored: stored ?? target.stored, live: live ?? target.live };
}

function ofState(
  { persistent, managedSave }: DomainStatus,
  stored: XmlElement,
  { status }: DomainMetadata,
  snapshots: number,
): readonly string[] {
  return [
    ...(status === 'creating' ? ['it is incomplete: its create is under way, or died'] : []),
    ...(endOf(stored).undo === undefined ? [] : ['it is destroyed: plow undelete brings it back']),
    ...(persistent ? [] : ['it is transient, and gone once it stops']),
    ...(managedSave === true ? ['its memory was saved, and would not go along: start it first'] : []),
    ...(snapshots > 0
      ? [
          `it has ${snapshots} snapshot${snapshots === 1 ? '' : 's'}, which would be lost: plow snapshot delete removes them`,
        ]
      : []),
  ];
}

/** What is of this hypervisor alone. */
function ofDevices(stored: XmlElement): readonly string[] {
  const has = (...path: readonly string[]): number => stored.all('devices', ...path).length;
  return [
    ...(has('hostdev') > 0 ? ['it has a device of the hypervisor (hostdev)'] : []),
    ...(has('tpm') > 0 ? ['it has a TPM, whose state libvirt does not hand over'] : []),
    ...(has('filesystem') > 0 ? ['it has shares, which are directories of the hypervisor'] : []),
    ...stored
      .all('devices', 'disk')
      .filter((disk) => disk.first('shareable') !== undefined)
      .map((disk) => `its disk ${disk.first('target')?.attribute('dev') ?? '?'} is shared with others`),
    ...readDisks(stored)
      .filter(({ type, path, device }) => type !== 'file' && (path !== undefined || device === 'disk'))
      .map(({ target, type }) => `its disk ${target} is no file but of type ${type}`),
  ];
}

function ofFiles(own: OwnFiles, stored: XmlElement): readonly string[] {
  const disks = new Set(readDisks(stored).flatMap(({ device, path }) => (device === 'disk' ? [path] : [])));
  return [
    ...(own.isShared ? [`others have files in its directory ${own.directory}`] : []),
    ...[...own.links.keys()].map((file) => `${own.directory}/${file} is a link`),
    ...[...own.left]
      .filter(([path]) => disks.has(path))
      .map(([path, why]) => `its disk ${path} stays: ${why}`),
    ...(own.nvram?.kept === undefined
      ? []
      : [`its UEFI variables ${own.nvram.path} stay: ${own.nvram.kept}`]),
  ];
}

async function filesIn(own: OwnFiles, context: VmContext): Promise<readonly FileOf[]> {
  const names = [...own.files.keys(), ...own.logParts];
  return withFreshPoolOn(own.directory, context, async (pool) => {
    const found: FileOf[] = [];
    for (const file of names) {
      using seen = await lookAt(pool, file, context);
      if (seen !== undefined) found.push(fileOf(`${own.directory}/${file}`, seen.facts));
    }
    return found;
  });
}

function fileOf(path: string, facts: VolumeFacts): FileOf {
  return { path, facts, bytes: facts.fileBytes ?? facts.capacityBytes };
}

/** Whether a file was made to become one of so many bytes, and nothing was written to it. */
export function isEmpty({ allocationBytes, format, capacityBytes }: VolumeFacts, bytes: number): boolean {
  return allocationBytes === 0 && format === 'raw' && capacityBytes === bytes;
}

/** @returns undefined where there is no such file, or directory @throws HypervisorError */
export async function seenFile(path: string, context: VmContext): Promise<FileOf | undefined> {
  const { dir, base } = posix.parse(path);
  const looking = withPoolOn(dir, context, async (pool) => {
    using seen = await lookAt(pool, base, context);
    return seen && fileOf(path, seen.facts);
  });
  return looking.catch((error: unknown) => {
    if (isReason(error, 'no-such-file')) return undefined;
    throw error;
  });
}

/** In the VM's directory they are among its files. */
async function nvramOf({ nvram, directory }: OwnFiles, context: VmContext): Promise<FileOf | undefined> {
  if (nvram === undefined || posix.dirname(nvram.path) === directory) return undefined;
  return seenFile(nvram.path, context);
}

async function basesOf(
  stored: XmlElement,
  files: readonly FileOf[],
  obstacles: string[],
  context: VmContext,
): Promise<readonly FileOf[]> {
  const own = new Set(files.map(({ path }) => path));
  const named = new Set([
    ...readUsedFiles(stored).bases,
    ...files.flatMap(({ facts }) => facts.backingPath ?? []),
  ]);
  const bases: FileOf[] = [];
  for (const path of named) {
    if (own.has(path)) continue;
    const base = await seenFile(path, context);
    if (base === undefined) obstacles.push(`its base image ${path} is not there`);
    else if (base.facts.backingPath !== undefined)
      obstacles.push(`its base image ${path} itself stands on ${base.facts.backingPath}`);
    else bases.push(base);
  }
  return bases;
}

/** Whatever a document names that is neither the VM's own, nor something every hypervisor has. */
function othersOf(
  stored: XmlElement,
  { directory, nvram }: OwnFiles,
  bases: readonly FileOf[],
  obstacles: string[],
): readonly string[] {
  const below = new Set(bases.map(({ path }) => path));
  const media = new Set(readDisks(stored).flatMap(({ device, path }) => (device === 'disk' ? [] : [path])));
  const ofPackages = [
    ...stored.all('os', 'loader').map((loader) => loader.text().trim()),
    ...stored.all('os', 'nvram').flatMap((one) => one.attribute('template') ?? []),
  ];
  const firmware = new Set([
    readNvramPath(stored),
    nvram?.path,
    ...ofPackages.filter(isOfPackages),
    ...stored.all('devices', 'emulator').map((emulator) => emulator.text().trim()),
  ]);
  const paths = new Set(readUsedFiles(stored).paths.map((path) => posix.normalize(path)));
  const rest = [...paths].filter(
    (path) =>
      path !== directory &&
      posix.dirname(path) !== directory &&
      !below.has(path) &&
      !firmware.has(path) &&
      !/^\/dev\/u?random$/u.test(path),
  );
  for (const path of rest)
    if (!media.has(path)) obstacles.push(`it needs ${path}, which is no file of its directory`);
  return rest.filter((path) => media.has(path));
}
