import type { LoadedMachine } from '../../config/machine.ts';
import { isReason } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { METADATA_NAMESPACE } from '../../libvirt-xml/metadata/metadata.ts';
import type { VmContext } from '../context.ts';
import { allOf } from '../at-once.ts';
import { explain, explaining } from '../failure.ts';
import { forceOff } from '../lifecycle/shut-down.ts';
import { forced, isForced } from '../network/elsewhere.ts';
import { proveRouted, tellUnannounced } from '../routing/prove.ts';
import { routedInText } from '../routing/routed.ts';
import type { OnFailure } from '../rollback.ts';
import { takenMeanwhile } from './claim-addresses.ts';
import type { VmPlan } from './plan.ts';
import { nameTaken } from './preflight.ts';

/** Takes the name, atomically: libvirt lets one domain have it. @throws PlowError (validation, operation) */
export async function reserve(
  { name, domain: { reserved } }: VmPlan,
  { hypervisor }: VmContext,
  onFailure: OnFailure,
): Promise<Domain> {
  try {
    const domain = await hypervisor.defineDomain(reserved);
    onFailure(`domain ${name}`, (clean) => takeBack(domain, clean));
    return domain;
  } catch (error) {
    const lookUp = (): Promise<Domain | undefined> => hypervisor.findDomain(name).catch(() => undefined);
    if (isReason(error, 'already-exists') && (await lookUp()) !== undefined) {
      throw new PlowError('validation', nameTaken(name), { cause: error });
    }
    throw explain(error, 'operation', `cannot define VM '${name}'`);
  }
}

/** While something is left the domain stays as well: it names what is left, and destroy removes both. */
async function takeBack(domain: Domain, clean: boolean): Promise<void> {
  if (!clean) throw new Error('something of it is left');
  await domain.undefine();
}

/**
 * Takes the addresses: libvirt lets any number of domains have them.
 * @param others UUIDs of VMs that were looked at before @throws PlowError (validation, operation, connection)
 */
export async function claim(
  domain: Domain,
  plan: VmPlan,
  { loaded, others }: { readonly loaded: LoadedMachine; readonly others: ReadonlySet<string> },
  context: VmContext,
): Promise<void> {
  const known = new Set([...others, plan.uuid]);
  const taken = await takenMeanwhile(plan, known, context);
  if (taken !== undefined) {
    const { index, key, text } = taken;
    if (!isForced(context.guard))
      throw new PlowError('validation', `${loaded.locate(['network_interfaces', index, key])}: ${text}`);
    context.progress.note(forced(text));
  }
  const saying = domain.setMetadata(plan.domain.claimed, METADATA_NAMESPACE, true);
  await explaining(saying, 'operation', `cannot complete VM '${plan.name}'`);
}

export interface Completion {
  readonly plan: VmPlan;
  readonly isStarted: boolean;
  /** Waits until it is certain that nobody answers for its addresses. @throws PlowError */
  readonly untilClear: () => Promise<void>;
}

/**
 * Starts the VM, if it is to run. Its domain counts as complete from its very last change on.
 * @throws PlowError (operation), Interrupted
 */
export async function complete(
  domain: Domain,
  { plan, isStarted, untilClear }: Completion,
  context: VmContext,
  onFailure: OnFailure,
): Promise<void> {
  const { progress, signal, settled } = context;
  const { name, autostart } = plan;
  const routed = routedInText(plan.domain.reserved);
  const message = `cannot complete VM '${name}'`;
  progress.done('Domain defined');
  if (isStarted) {
    progress.begin('Starting the VM');
    // A start whose answer does not arrive may have worked.
    onFailure(`VM '${name}', perhaps running`, () => forceOff(domain));
    await explaining(start(domain, untilClear), 'operation', `cannot start VM '${name}'`);
    await proveRouted(routed, context);
  } else await untilClear();
  signal.throwIfAborted();
  if (autostart) await explaining(domain.setAutostart(true), 'operation', message);
  signal.throwIfAborted();
  settled();
  await explaining(domain.setMetadata(plan.domain.ready, METADATA_NAMESPACE), 'operation', message);
  if (isStarted) {
    progress.done('VM started');
    await tellUnannounced(routed, context);
  }
}

/**
 * Its QEMU starts while those are waited for who may have its addresses: they have answered, or will not,
 * long before a firmware has loaded what comes to a network.
 */
async function start(domain: Domain, untilClear: Completion['untilClear']): Promise<void> {
  await allOf([untilClear(), domain.start()]);
}
