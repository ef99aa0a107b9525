import type { BridgedInterface, NetworkInterface, RoutedInterface } from '../../config/machine.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { interfaceXml } from '../../libvirt-xml/domain/devices/interface.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { Questions } from '../host/questions.ts';
import { throwIfInterrupted } from '../interruption.ts';
import type { Changed } from '../lifecycle/power.ts';
import { inspectNetwork } from '../network/inspect-network.ts';
import { isForced } from '../network/elsewhere.ts';
import { clashesWith } from '../network/taken-addresses.ts';
import { withRollback } from '../rollback.ts';
import type { OnFailure } from '../rollback.ts';
import { look, ofVm, writeDown } from './look.ts';
import type { Seen } from './look.ts';

/**
 * Gives a VM one more interface, while it runs or not. The device comes first, so that others see its MAC
 * address; what one that was killed has not written into the metadata the same command does.
 * @throws PlowError (operation, validation) @throws Interrupted
 */
export async function attachNic(domain: Domain, context: VmContext, nic: NetworkInterface): Promise<Changed> {
  const { name } = domain;
  const { progress } = context;
  if (nic.mode !== 'bridge') throw noHook(nic);
  progress.begin(`Changing VM '${name}'`);
  const seen = await look(domain);
  const there = seen.stored.interfaces.find(({ mac }) => mac === nic.mac);
  if (there !== undefined) {
    if (there.bridge !== nic.bridge) throw otherBridge(name, nic, there.bridge);
    await ofVm(writeDown(domain, { addedInterface: nic }), name);
    progress.note(`VM '${name}' has an interface with MAC address ${nic.mac} already`);
    return 'unchanged';
  }
  await check(seen, nic, context);
  throwIfInterrupted(context, `VM '${name}' is as it was`);
  await withRollback(
    (onFailure) => plug(seen, nic, context, onFailure),
    async (left) => progress.note(`could not take back: ${left.join(', ')}`),
  );
  progress.done(`VM '${name}' has an interface with MAC address ${nic.mac} on ${nic.bridge}`);
  const address = `${nic.address}/${nic.prefixLength}`;
  progress.note(`tell the guest of its address ${address}: cloud-init does not configure it again`);
  return 'changed';
}

/** libvirt tells hooks of a VM that starts, not of an interface that is plugged in. */
function noHook({ address }: RoutedInterface): PlowError {
  const message = `an interface of mode ethernet cannot be plugged in: libvirt calls no hook then, so that nothing would route ${address}`;
  const hint = 'write it into the VM file, then plow destroy --keep-data and plow create --adopt-data';
  return new PlowError('operation', message, { hint });
}

function otherBridge(name: string, { mac }: NetworkInterface, bridge: string | undefined): PlowError {
  const message = `VM '${name}' has an interface with MAC address ${mac}, on ${bridge ?? 'no bridge'}`;
  return new PlowError('operation', message, { hint: `plow detach nic ${shellArgument(name)} ${mac}` });
}

/** As before a create. @throws PlowError (validation, operation) */
async function check({ domain }: Seen, nic: NetworkInterface, context: VmContext): Promise<void> {
  const mistakes: string[] = [];
  await inspectNetwork(
    { name: domain.name, interfaces: [nic] },
    {
      context,
      questions: new Questions(context.hypervisor),
      report: (_, message) => void mistakes.push(message),
      notChecked: () => {},
    },
  );
  if (mistakes.length > 0) throw new PlowError('validation', mistakes.join('\n'));
}

async function plug(
  { domain, live }: Seen,
  nic: BridgedInterface,
  { hypervisor, guard }: VmContext,
  onFailure: OnFailure,
): Promise<void> {
  const { name, uuid } = domain;
  const views = live === undefined ? (['stored'] as const) : (['stored', 'live'] as const);
  const xml = interfaceXml(nic);
  await ofVm(domain.attachDevice(xml, views), name);
  onFailure(`the interface with MAC address ${nic.mac}`, () => domain.detachDevice(xml, views));
  // Of two that take one address at the same time, one sees the other here.
  const asking = hypervisor.domainDocuments(new Set([uuid]));
  const others = await explaining(asking, 'operation', 'cannot read the documents of the other VMs');
  const [clash] = isForced(guard) ? [] : clashesWith(nic, others);
  if (clash !== undefined) throw new PlowError('operation', clash.text);
  await ofVm(writeDown(domain, { addedInterface: nic }), name);
}
