import { metadataInDomain } from '../libvirt-xml/read-metadata.ts';
import { readCapabilities } from '../libvirt-xml/read-capabilities.ts';
import type { HostFacts } from '../libvirt-xml/read-capabilities.ts';
import type { LoadedMachine, Machine, VirtType } from '../config/machine.ts';
import { nearest } from '../config/nearest.ts';
import { PlowError } from '../errors/plow-error.ts';
import type { FileMistake } from '../errors/plow-error.ts';
import { inspectBaseImage } from './base-image.ts';
import type { BaseImage } from './base-image.ts';
import type { VmContext } from './context.ts';
import { explaining } from './failure.ts';
import type { Domain } from './hypervisor.ts';
import { LentDirectories } from './lent-directories.ts';
import { SeenDirectories } from './seen-directories.ts';
import { inspectNetwork } from './inspect-network.ts';
import { inspectStoragePath } from './inspect-storage-path.ts';
import type { Complain, Inspection } from './inspection.ts';

export interface Preflight {
  readonly virtType: VirtType;
  readonly baseImage: BaseImage | undefined;
}

/**
 * Everything about a machine that only its hypervisor can tell, asked before anything is made.
 * @throws PlowError with one line per mistake: validation, or storage where only the storage path is at fault
 */
export async function preflight(loaded: LoadedMachine, context: VmContext): Promise<Preflight> {
  const { machine } = loaded;
  const mistakes: string[] = [];
  const found: FileMistake[] = [];
  const complain: Complain = (path, message) => {
    mistakes.push(`${loaded.locate(path)}: ${message}`);
    found.push(loaded.mistake(path, message));
  };
  const surroundings = await lookAround(context);
  const { virtType, baseImage, ofStoragePath } = await inspectMachine(machine, { ...surroundings, complain });
  if (mistakes.length + ofStoragePath.length > 0) {
    const kind = mistakes.length > 0 ? 'validation' : 'storage';
    throw new PlowError(kind, [...mistakes, ...ofStoragePath].join('\n'), {
      mistakes: [...found, ...ofStoragePath.map((message) => ({ message }))],
    });
  }
  if (virtType === 'qemu' && machine.virtType === undefined) {
    context.progress.note('this hypervisor offers no KVM: the VM runs under emulation, which is much slower');
  }
  return { virtType, baseImage };
}

/** What is the same for every machine on a hypervisor. */
export async function lookAround(context: VmContext): Promise<Omit<Inspection, 'complain'>> {
  const message = 'cannot read the capabilities of the hypervisor';
  const capabilities = await explaining(context.hypervisor.capabilities(), 'operation', message);
  const { isReadOnly } = context.hypervisor;
  const directories = isReadOnly ? new SeenDirectories(context.hypervisor) : new LentDirectories(context);
  return { context, host: readCapabilities(capabilities), directories };
}

/**
 * Complains of each mistake in a machine's file. @returns what is wrong with the storage path, a line each
 * @throws PlowError where the hypervisor cannot be asked
 */
export async function inspectMachine(
  machine: Machine,
  inspection: Inspection,
): Promise<Preflight & { readonly ofStoragePath: readonly string[] }> {
  const { context, host, complain } = inspection;
  const looking = context.hypervisor.findDomain(machine.name);
  const existing = await explaining(looking, 'operation', 'cannot look up the VM');
  if (existing !== undefined) complain(['name'], await whyNameTaken(existing));
  const virtType = chooseVirtType(machine, host, complain);
  checkMachineType(machine, host, complain);
  await inspectNetwork(machine, inspection);
  const image = inspectBaseImage(machine, inspection);
  const baseImage = await explaining(image, 'storage', `cannot look at the image ${machine.bootDisk.image}`);
  return { virtType, baseImage, ofStoragePath: await inspectStoragePath(machine, baseImage, inspection) };
}

/** A create that died leaves its domain marked. */
async function whyNameTaken(existing: Domain): Promise<string> {
  const { name } = existing;
  const document = await explaining(existing.xml('stored'), 'operation', `cannot look at VM '${name}'`);
  if (metadataInDomain(document)?.status !== 'creating') return nameTaken(name);
  return `VM '${name}' already exists, incomplete: its create is under way, or died (plow destroy ${name} removes it)`;
}

export function nameTaken(name: string): string {
  return `VM '${name}' already exists (plow list --all shows it, plow destroy ${name} removes it)`;
}

/** Of a libvirt that lists none, nothing can be told. */
function checkMachineType(
  { machineType, vcpus }: Machine,
  { machines }: HostFacts,
  complain: Complain,
): void {
  if (machines.size === 0) return;
  if (!machines.has(machineType)) {
    const meant = nearest(machineType, [...machines.keys()]);
    const help = meant === undefined ? '' : `; did you mean '${meant}'?`;
    complain(['machine'], `this hypervisor has no machine type '${machineType}'${help}`);
  }
  const most = machines.get(machineType);
  if (most !== undefined && vcpus > most) {
    complain(['vcpus'], `a ${machineType} machine of this hypervisor has at most ${most}, got ${vcpus}`);
  }
}

function chooseVirtType(machine: Machine, host: HostFacts, complain: Complain): VirtType {
  const chosen = machine.virtType ?? host.virtTypes[0] ?? 'qemu';
  if (!host.virtTypes.includes(chosen)) {
    complain(['virt_type'], `this hypervisor cannot run x86_64 guests as '${chosen}'`);
  }
  if (chosen === 'qemu' && machine.cpuMode === 'host-passthrough') {
    complain(['cpu_mode'], `host-passthrough needs KVM, and this VM runs as 'qemu': use host-model`);
  }
  return chosen;
}
