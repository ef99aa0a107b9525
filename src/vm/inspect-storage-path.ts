import type { Machine } from '../config/machine.ts';
import { pastTheCache } from './base-image.ts';
import type { BaseImage } from './base-image.ts';
import type { HostFacts } from '../libvirt-xml/read-capabilities.ts';
import { vmDirectory } from '../libvirt-xml/vm-paths.ts';
import { closedTo, whyImpassable, whyNoDirectIo } from './directories.ts';
import type { Directories, Missing } from './directories.ts';
import { explaining } from './failure.ts';
import type { Hypervisor } from './hypervisor.ts';
import type { Inspection } from './inspection.ts';
import { shellQuote } from './shell-quote.ts';
import { told } from './trouble.ts';
import type { Trouble } from './trouble.ts';

const MIB = 2 ** 20;
/** A fresh qcow2 file takes 200 KiB, a seed 400. */
const FRESH_FILE_BYTES = MIB / 2;

/** What is wrong with the place where the VM's directory is to be, a line each. */
export async function inspectStoragePath(
  machine: Machine,
  baseImage: BaseImage | undefined,
  { context, directories, host, notChecked }: Inspection,
): Promise<readonly string[]> {
  const path = context.storagePath;
  const looking = directories.facts(path);
  const facts = await explaining(looking, 'storage', `cannot look at the storage path ${path}`);
  if (facts === 'not-a-directory') return [told(noStoragePath(path, facts))];
  if (facts === 'unseen') {
    const why = directories.unseen.get(path) ?? `no pool shows ${path}`;
    context.progress.note(`the storage path ${path} was not looked at: ${why}`);
    notChecked({ check: 'storage-path', path, why });
    return [];
  }
  if (facts === 'no-such-file') {
    return [`${told(noStoragePath(path, facts))}, or give another with --storage-path`];
  }
  const problems = [
    await whyImpassable(path, directories, host),
    await whyOwnImpassable(machine, path, directories, host),
    tooFull(path, facts.availableBytes, neededBytes(machine, baseImage)),
    needsDirectIo(machine) ? await whyNoDirectIo(path, context.hypervisor) : undefined,
    await whyReadOnly(path, context.hypervisor),
  ];
  return problems.filter((problem) => problem !== undefined);
}

/**
 * The VM's own directory may be there already, with a mode of its own. It is seen from the storage path: a pool on the
 * directory itself would be in the way of another create of that name.
 */
async function whyOwnImpassable(
  { name }: Machine,
  path: string,
  directories: Directories,
  { qemuUser }: HostFacts,
): Promise<string | undefined> {
  const looking = directories.visit(path, (view) => view.entry(name));
  const facts = await explaining(looking, 'storage', `cannot look at ${vmDirectory(path, name)}`);
  if (typeof facts !== 'object' || facts.type !== 'dir' || qemuUser === undefined) return undefined;
  const trouble = closedTo(qemuUser, vmDirectory(path, name), facts.permissions);
  return trouble && told(trouble);
}

function needsDirectIo({ bootDisk, dataDisks }: Machine): boolean {
  return [bootDisk, ...dataDisks].some(({ cache }) => pastTheCache(cache));
}

async function whyReadOnly(path: string, hypervisor: Hypervisor): Promise<string | undefined> {
  if ((await hypervisor.findFlaw(path)) !== 'read-only') return undefined;
  return told(readOnly(path));
}

export function readOnly(path: string): Trouble {
  return {
    text: `the file system of ${path} is read-only`,
    repair: `mount -o remount,rw ${shellQuote(path)}, or give another with --storage-path`,
  };
}

/** Of a storage path that is not there, or something else. */
export function noStoragePath(path: string, missing: Missing): Trouble {
  if (missing === 'not-a-directory') {
    return {
      text: `the storage path ${path} is not a directory`,
      repair: 'give another with --storage-path',
    };
  }
  return {
    text: `the storage path ${path} does not exist on the hypervisor`,
    repair: `install -d -m 0711 ${shellQuote(path)}`,
  };
}

/** What is written at once; the disks grow later. */
function neededBytes({ bootDisk, dataDisks }: Machine, baseImage: BaseImage | undefined): number {
  const copy = bootDisk.format === 'raw' ? (baseImage?.allocationBytes ?? 0) : 0;
  return copy + (2 + dataDisks.length) * FRESH_FILE_BYTES;
}

function tooFull(path: string, available: number | undefined, needed: number): string | undefined {
  if (available === undefined || available >= needed) return undefined;
  return `the file system of ${path} has ${inMib(available)} free, and this VM takes ${inMib(needed)} from the start: free some, or give another with --storage-path`;
}

/** Down, so that what is free never looks like enough; small figures in KiB, as two of them may be much alike. */
function inMib(bytes: number): string {
  return bytes < 16 * MIB ? `${Math.floor(bytes / 1024)} KiB` : `${Math.floor(bytes / MIB)} MiB`;
}
