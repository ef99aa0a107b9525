import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { readDomain } from '../../libvirt-xml/domain/read.ts';
import { changedMetadata } from '../../libvirt-xml/metadata/change.ts';
import type { MachineChange } from '../../libvirt-xml/metadata/change.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import { METADATA_NAMESPACE } from '../../libvirt-xml/metadata/metadata.ts';
import { whereSupported } from '../../errors/hypervisor-error.ts';
import { memoryText } from '../../text/quantities.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { MIB } from '../../text/units.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { refuseIncomplete } from '../lifecycle/power.ts';
import type { Changed } from '../lifecycle/power.ts';
import { explainOfVm } from '../list/unknown-vm.ts';
import { refuseIfProtected } from '../protection/refuse.ts';
import { readDocument } from '../read-document.ts';
import { planAmount } from './amounts.ts';
import type { AmountPlan } from './amounts.ts';
import { growDisk, inspectDisks } from './disks.ts';
import type { Seen } from './disks.ts';
import { refuseMisfit, roomOf } from './layout.ts';

const KIB_PER_MIB = 1024;

/** What a VM is to have; what is left out stays as it is. */
export interface NewSize {
  readonly vcpus: number | undefined;
  readonly memoryMib: number | undefined;
  /** In GiB, by target. */
  readonly disks: ReadonlyMap<string, number>;
}

/** One thing that the VM is to have. */
interface Part {
  /** `disk vdb 200 GiB` */
  readonly words: string;
  readonly isNow: boolean;
  /** Empty: it has it. */
  readonly steps: readonly (() => Promise<void>)[];
}

/**
 * Gives a VM more or less of memory and CPUs, and larger disks. All that can be refused is refused before
 * anything is changed; a resize that failed half way says what is done, and the same one finishes it.
 * @throws PlowError (operation, storage, connection) @throws Interrupted
 */
export async function resizeVm(domain: Domain, context: VmContext, size: NewSize): Promise<Changed> {
  const { name } = domain;
  const { progress } = context;
  progress.begin(`Resizing VM '${name}'`);
  const seen = await look(domain, size);
  refuseMisfit(name, size, seen.stored, seen.made);
  await refuseTooMuch(name, size, context);
  const parts = [
    ...(await diskParts(seen, size, context)),
    ...amountParts(seen, size),
    await metadataPart(domain, size),
  ];
  const hasWork = parts.some(({ steps }) => steps.length > 0);
  if (hasWork) await carryOut(name, parts, context);
  const told = parts.filter(({ words }) => words !== '');
  const now = told.filter(({ isNow }) => isNow).map(({ words }) => words);
  const later = told.filter(({ isNow }) => !isNow).map(({ words }) => words);
  if (!hasWork) progress.note(`VM '${name}' is so already${now.length > 0 ? `: ${now.join(', ')}` : ''}`);
  else progress.done(`VM '${name}' resized${now.length > 0 ? `: ${now.join(', ')}` : ''}`);
  if (later.length > 0) progress.note(`VM '${name}' has ${later.join(', ')} from its next start on`);
  return hasWork ? 'changed' : 'unchanged';
}

async function look(domain: Domain, { vcpus, memoryMib, disks }: NewSize): Promise<Seen> {
  const { name } = domain;
  const status = await ofVm(domain.status(), name);
  const { stored, live } = status.documents;
  refuseIncomplete(name, stored);
  if (!status.persistent && (vcpus !== undefined || memoryMib !== undefined)) {
    throw new PlowError('operation', `VM '${name}' is transient: nothing is stored that could change`);
  }
  if (status.managedSave === true) {
    throw new PlowError('operation', `VM '${name}' goes on from saved memory, in which it is as it was`, {
      hint: `plow start ${shellArgument(name)} lets it go on; it can be resized then`,
    });
  }
  if (disks.size > 0 && status.snapshots !== undefined && status.snapshots > 0) {
    throw new PlowError('operation', `VM '${name}' has snapshots, which a disk of another size may not fit`, {
      hint: 'delete them first; memory and CPUs can be changed',
    });
  }
  const document = readDocument({ name, xml: stored });
  const running = live === undefined ? undefined : readDocument({ name, xml: live });
  if (disks.size > 0) {
    const documents = running === undefined ? [document] : [document, running];
    refuseIfProtected(name, documents, 'its disks are not resized');
  }
  const made = metadataInDomain(document)?.declared.layout;
  return { domain, stored: readDomain(document), live: running && readDomain(running), made };
}

/** @throws PlowError for more memory than the hypervisor has, with which no VM starts */
async function refuseTooMuch(name: string, { memoryMib }: NewSize, { hypervisor }: VmContext): Promise<void> {
  if (memoryMib === undefined) return;
  const asking = whereSupported(hypervisor.memory());
  const memory = await explaining(asking, 'operation', 'cannot look at the memory of the hypervisor');
  if (memory === undefined || memoryMib * MIB <= memory.totalBytes) return;
  const [wanted, has] = [memoryMib * KIB_PER_MIB, memory.totalBytes / KIB_PER_MIB].map(memoryText);
  throw new PlowError('operation', `VM '${name}' cannot have ${wanted}: the hypervisor has ${has}`);
}

async function diskParts(seen: Seen, { disks }: NewSize, context: VmContext): Promise<readonly Part[]> {
  const sized = await inspectDisks(seen, disks, context);
  return sized.map((disk) => ({
    words: `disk ${disk.target} of ${disks.get(disk.target)} GiB`,
    isNow: true,
    steps: disk.bytes === disk.bytesNow ? [] : [() => growDisk(seen, disk, context)],
  }));
}

function amountParts({ domain, stored, live, made }: Seen, { vcpus, memoryMib }: NewSize): readonly Part[] {
  const parts: Part[] = [];
  const keeps = roomOf(stored, made);
  if (vcpus !== undefined) {
    const plan = planAmount(
      vcpus,
      { now: stored.vcpus, most: stored.maximumVcpus },
      live && { now: live.vcpus, most: live.maximumVcpus },
      keeps.vcpus,
    );
    const words = `${vcpus} ${vcpus === 1 ? 'CPU' : 'CPUs'}`;
    parts.push(amountPart(words, plan, (amount, what) => domain.setVcpus(amount, what)));
  }
  if (memoryMib !== undefined) {
    const kib = memoryMib * KIB_PER_MIB;
    const plan = planAmount(
      kib,
      { now: stored.currentMemoryKib, most: stored.memoryKib },
      live && { now: live.currentMemoryKib, most: live.memoryKib },
      keeps.memory,
    );
    const words = `${memoryText(kib)} of memory`;
    parts.push(amountPart(words, plan, (amount, what) => domain.setMemory(amount, what)));
  }
  return parts;
}

function amountPart(
  words: string,
  { changes, when }: AmountPlan,
  set: (amount: number, what: AmountPlan['changes'][number]['what']) => Promise<void>,
): Part {
  return {
    words,
    isNow: when === 'now',
    steps: changes.map(
      ({ amount, what }) =>
        () =>
          set(amount, what),
    ),
  };
}

/** What plow wrote down of the VM follows; read again, as somebody may have written to it meanwhile. */
async function metadataPart(domain: Domain, { vcpus, memoryMib, disks }: NewSize): Promise<Part> {
  const { name } = domain;
  const change: MachineChange = { vcpus, memoryMib, diskSizes: disks };
  const changed = async (): Promise<string | undefined> =>
    changedMetadata(readDocument({ name, xml: await domain.xml('stored') }), change);
  const write = async (): Promise<void> => {
    const element = await changed();
    if (element !== undefined) await domain.setMetadata(element, METADATA_NAMESPACE);
  };
  const isNeeded = (await ofVm(changed(), name)) !== undefined;
  return { words: '', isNow: true, steps: isNeeded ? [write] : [] };
}

/** @throws PlowError that says what is done already @throws Interrupted */
async function carryOut(name: string, parts: readonly Part[], context: VmContext): Promise<void> {
  const done: string[] = [];
  for (const { words, steps } of parts) {
    for (const [index, step] of steps.entries()) {
      const soFar = index === 0 ? done : [...done, `${words} in part`];
      throwIfInterrupted(context, standing(name, soFar));
      try {
        await step();
      } catch (error) {
        throw explainOfVm(
          error,
          name,
          soFar.length === 0
            ? `cannot resize VM '${name}', which is as it was`
            : `cannot resize VM '${name}': ${standing(name, soFar)}`,
        );
      }
    }
    if (steps.length > 0) done.push(words);
  }
}

function standing(name: string, done: readonly string[]): string {
  if (done.length === 0) return `VM '${name}' is as it was`;
  return `done is ${done.join(', ')}; the same command does the rest`;
}

function ofVm<T>(work: Promise<T>, name: string): Promise<T> {
  return work.catch((error: unknown) => {
    throw explainOfVm(error, name, `cannot resize VM '${name}'`);
  });
}
