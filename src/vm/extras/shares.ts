import { posix } from 'node:path';
import type { Machine } from '../../config/machine.ts';
import type { Share } from '../../config/machine/share.ts';
import { doOverlap, isWithin } from '../../config/values/devices/shares.ts';
import { readShares } from '../../libvirt-xml/domain/devices/share.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import { readDomainFiles } from '../../libvirt-xml/read/own-files.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import type { XmlElement } from '../../libvirt-xml/read/parse.ts';
import { installing } from '../../text/installing.ts';
import type { NamedDirs, VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { VIRTIOFSD } from '../features/table.ts';
import { wayOf } from '../host/directories.ts';
import type { Inspection } from '../host/inspection.ts';
import { withRepair } from '../host-problem.ts';
import { whyChangeable } from '../image/place.ts';
import { isVirtiofsdThere } from '../features/virtiofsd.ts';

/**
 * Whoever writes a VM file shall not choose where root of a guest writes as root of the hypervisor: its
 * shares lie where the settings allow it, hold nothing of another VM, and nobody but root can put a link in
 * the way to them. @throws PlowError
 */
export async function inspectShares({ shares }: Machine, inspection: Inspection): Promise<void> {
  if (shares.length === 0) return;
  const { context, report } = inspection;
  if (context.hypervisor.isSession) {
    report(['shares'], "a VM of a user's own libvirt has none of plow: virtiofsd works for root");
    return;
  }
  await inspectServer(inspection);
  for (const [index, share] of shares.entries()) {
    const looking = whyNot(share, inspection);
    const problem = await explaining(looking, 'storage', `cannot look at ${share.source}`);
    if (problem !== undefined) report(['shares', index, 'source'], problem);
  }
}

async function inspectServer({ context, report, notChecked }: Inspection): Promise<void> {
  const isThere = await isVirtiofsdThere(context.hypervisor.local);
  if (isThere === undefined) notChecked({ check: 'virtiofsd', why: 'libvirt does not tell of it' });
  else if (!isThere)
    report(
      ['shares'],
      `there is no virtiofsd, which serves directories to guests: ${installing(VIRTIOFSD, undefined)}`,
    );
}

/** @throws HypervisorError */
async function whyNot({ source }: Share, inspection: Inspection): Promise<string | undefined> {
  const { context } = inspection;
  return (
    whyNotAllowed(source, context.shareDirs) ??
    (await whyLinked(source, context)) ??
    (await whyOwn(source, context)) ??
    (await whyTaken(source, inspection)) ??
    (await whyAbsent(source, inspection))
  );
}

function whyNotAllowed(source: string, { value: directories, from }: NamedDirs): string | undefined {
  if (directories.some((directory) => isWithin(directory, source))) return undefined;
  const where = from === 'default' ? 'in the settings file' : from;
  const there = directories.length === 0 ? 'none' : directories.join(', ');
  return `${source} is in none of the directories that VMs may share (${there}): allow it with share_dirs (${where}) if root of the guest may write there as root of the hypervisor`;
}

/** On this machine. */
async function whyLinked(source: string, { hypervisor }: VmContext): Promise<string | undefined> {
  const real = await hypervisor.realPath(source);
  if (real === undefined || real === source) return undefined;
  return `${source} leads to ${real} through a link: give that, and allow it with share_dirs`;
}

/** Where disks and images of VMs are, through whatever links. */
async function whyOwn(source: string, context: VmContext): Promise<string | undefined> {
  const { storagePath, imageDirs, hypervisor } = context;
  for (const directory of new Set([storagePath, ...imageDirs.value])) {
    const real = (await hypervisor.realPath(directory)) ?? directory;
    if (!doOverlap(directory, source) && !doOverlap(real, source)) continue;
    const of = directory === storagePath ? 'VMs' : 'images';
    return `${source} has to do with ${directory}, the directory of ${of}, which no guest may have`;
  }
  return undefined;
}

/**
 * What others have in it, be it far down in a backing chain, in a snapshot or behind a link; and a share of
 * another VM that lies in it, or in which it lies: the guest of the outer one could put a link where the
 * inner one begins. The same one they may have.
 */
async function whyTaken(source: string, { context, questions }: Inspection): Promise<string | undefined> {
  const shared = new Set<string>();
  const taken = (file: string, name: string): string =>
    `${source} has ${file} in it, which is of VM '${name}'`;
  for (const { name, stored, live } of await questions.documents()) {
    for (const xml of live === undefined || live === stored ? [stored] : [stored, live]) {
      const domain = parseIfPossible(xml);
      if (domain === undefined) continue;
      const shares = readShares(domain.first('devices')).map((one) => one.source);
      const other = shares.find((one) => one !== source && doOverlap(one, source));
      if (other !== undefined)
        return `${source} overlaps with ${other}, a share of VM '${name}': share one of the two with both`;
      for (const one of shares) shared.add(one);
      for (const file of filesOf(domain).filter((one) => !shares.includes(one))) {
        const real = await context.hypervisor.realPath(file);
        if ([file, real ?? file].some((one) => isWithin(source, one))) return taken(file, name);
      }
    }
  }
  const users = await questions.users(context);
  for (const [file, name] of users) {
    const real = (await context.hypervisor.realPath(file)) ?? file;
    if (!shared.has(file) && [file, real].some((one) => isWithin(source, one))) return taken(file, name);
  }
  return undefined;
}

function filesOf(domain: XmlElement): readonly string[] {
  const directory = metadataInDomain(domain)?.directory;
  return [...readDomainFiles(domain, 'nothing').paths, ...(directory === undefined ? [] : [directory])];
}

/** And why others than root might put something in its place. @throws HypervisorError */
async function whyAbsent(
  source: string,
  { context, directories, host, notChecked }: Inspection,
): Promise<string | undefined> {
  const { dir, base } = posix.parse(source);
  const found = await directories.visit(dir, async (view) => ({ facts: await view.entry(base) }));
  if (found === 'unseen') {
    notChecked({ check: 'share', path: source, why: directories.unseen.get(dir) ?? `no pool shows ${dir}` });
    return undefined;
  }
  if (typeof found === 'string') return `${source} is not there: the hypervisor has no directory ${dir}`;
  if (found.facts === undefined) return `${source} is not there`;
  if (found.facts.type !== 'dir') return `${source} is no directory`;
  if (context.hypervisor.local === undefined)
    notChecked({ check: 'share', path: source, why: 'libvirt does not tell links of another machine' });
  for (const path of wayOf(dir)) {
    const facts = await directories.facts(path);
    const permissions = typeof facts === 'object' ? facts.permissions : undefined;
    const problem = whyChangeable(path, 'directory', permissions, host);
    if (problem !== undefined) return withRepair(problem);
  }
  return undefined;
}
