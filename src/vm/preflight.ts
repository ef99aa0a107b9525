import { metadataInDomain } from '../libvirt-xml/read-metadata.ts';
import { readCapabilities, readInterfaceType } from '../libvirt-xml/read-xml.ts';
import type { HostFacts } from '../libvirt-xml/read-xml.ts';
import type { LoadedMachine, VirtType } from '../config/machine.ts';
import { HypervisorError } from '../errors/hypervisor-error.ts';
import { PlowError } from '../errors/plow-error.ts';
import { inspectBaseImage } from './base-image.ts';
import type { BaseImage, Complain } from './base-image.ts';
import type { VmContext } from './context.ts';
import { explaining } from './failure.ts';
import type { Domain } from './hypervisor.ts';

export interface Preflight {
  readonly virtType: VirtType;
  readonly baseImage: BaseImage | undefined;
}

/**
 * Everything about a machine that only its hypervisor can tell, asked before anything is made.
 * @throws PlowError (validation) with one line per mistake
 */
export async function preflight(loaded: LoadedMachine, context: VmContext): Promise<Preflight> {
  const { hypervisor, progress } = context;
  const { machine } = loaded;
  const mistakes: string[] = [];
  const complain: Complain = (path, message) => mistakes.push(`${loaded.locate(path)}: ${message}`);

  const existing = await explaining(
    hypervisor.findDomain(machine.name),
    'operation',
    'cannot look up the VM',
  );
  if (existing !== undefined) complain(['name'], await whyNameTaken(existing));
  const host = readCapabilities(
    await explaining(
      hypervisor.capabilities(),
      'operation',
      'cannot read the capabilities of the hypervisor',
    ),
  );
  const virtType = chooseVirtType(loaded, host, complain);
  for (const [index, { bridge }] of machine.interfaces.entries()) {
    const first = machine.interfaces.findIndex((other) => other.bridge === bridge) === index;
    const problem = first
      ? await explaining(bridgeProblem(bridge, hypervisor), 'operation', `cannot look up bridge '${bridge}'`)
      : undefined;
    if (problem !== undefined) complain(['network_interfaces', index, 'bridge'], problem);
  }
  const baseImage = await explaining(
    inspectBaseImage(loaded, context, host, complain),
    'storage',
    `cannot look at the image ${machine.bootDisk.image}`,
  );
  if (mistakes.length > 0) throw new PlowError('validation', mistakes.join('\n'));
  if (virtType === 'qemu' && machine.virtType === undefined) {
    progress.note('this hypervisor offers no KVM: the VM runs under emulation, which is much slower');
  }
  return { virtType, baseImage };
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

function chooseVirtType({ machine }: LoadedMachine, host: HostFacts, complain: Complain): VirtType {
  const chosen = machine.virtType ?? host.virtTypes[0] ?? 'qemu';
  if (!host.virtTypes.includes(chosen)) {
    complain(['virt_type'], `this hypervisor cannot run x86_64 guests as '${chosen}'`);
  }
  if (chosen === 'qemu' && machine.cpuMode === 'host-passthrough') {
    complain(['cpu_mode'], `host-passthrough needs KVM, and this VM runs as 'qemu': use host-model`);
  }
  return chosen;
}

/** A host whose libvirt cannot tell (no interface driver) is not held against the user. */
async function bridgeProblem(
  bridge: string,
  hypervisor: VmContext['hypervisor'],
): Promise<string | undefined> {
  let document: string | undefined;
  try {
    document = await hypervisor.findInterface(bridge);
  } catch (error) {
    if (error instanceof HypervisorError && error.reason !== 'disconnected') return undefined;
    throw error;
  }
  if (document === undefined) return `bridge '${bridge}' does not exist on the hypervisor`;
  const type = readInterfaceType(document);
  return type === 'bridge' ? undefined : `'${bridge}' is not a bridge but an interface of type ${type}`;
}
