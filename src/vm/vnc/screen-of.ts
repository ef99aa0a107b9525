import { isReachable, LOOPBACK } from '../../config/machine/vnc.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { WayIn } from '../../hypervisor/screen.ts';
import { hasDomainId, readDomain } from '../../libvirt-xml/domain/read.ts';
import type { VncFacts } from '../../libvirt-xml/domain/devices/vnc.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { explainOfVm, presentVm } from '../list/unknown-vm.ts';
import { readDocument } from '../read-document.ts';

/** How a program of this machine comes to a screen. */
export type ScreenWay =
  /** An open file descriptor, which whoever gets it closes. */
  | { readonly by: 'file'; readonly file: number }
  | { readonly by: 'address'; readonly address: string; readonly port: number }
  /** Through ssh, to an address or a socket of the other machine. */
  | (Extract<WayIn, { readonly by: 'ssh' }> & {
      readonly at: { readonly address: string; readonly port: number } | { readonly socket: string };
    });

export interface VmScreen {
  /** Of the VM. */
  readonly name: string;
  readonly way: ScreenWay;
}

/** In any other ssh might read a forward of its own, or a variable of this machine. libvirt makes none. */
const PLAIN_PATH = /^\/[\w./@+-]+$/u;

/**
 * Opens the screen of a VM that runs, or tells how it is reached: a round trip, and one more on this machine.
 * @throws PlowError (operation, connection)
 */
export async function screenOf(nameOrUuid: string, hypervisor: Hypervisor): Promise<VmScreen> {
  using domain = await presentVm(nameOrUuid, hypervisor, 'cannot open the screen');
  const { name } = domain;
  const cannot = `cannot open the screen of VM '${name}'`;
  try {
    const facts = await runningVnc(domain);
    if (hypervisor.wayIn.by === 'socket') {
      return { name, way: { by: 'file', file: await domain.screen.open() } };
    }
    return { name, way: wayTo(name, facts, hypervisor.wayIn) };
  } catch (error) {
    throw explainOfVm(error, name, cannot);
  }
}

/** What the live document says of the screen. @throws PlowError (operation), HypervisorError */
export async function runningVnc(domain: Domain): Promise<VncFacts> {
  const { name } = domain;
  const document = readDocument({ name, xml: await domain.xml('live') });
  if (!hasDomainId(document)) {
    throw new PlowError('operation', `VM '${name}' is not running`, {
      hint: `plow start ${shellArgument(name)} starts it`,
    });
  }
  const { vnc, consoles } = readDomain(document);
  if (vnc !== undefined) return vnc;
  const other = consoles.find(({ type }) => type === 'spice')?.type;
  if (other !== undefined)
    throw new PlowError('operation', `the screen of VM '${name}' is over ${other}, and not over VNC`, {
      hint: 'remote-viewer, of the package virt-viewer, shows it',
    });
  throw new PlowError('operation', `VM '${name}' has no screen`, { hint: howToGetOne(name) });
}

/** For a VM that is there. */
export function howToGetOne(name: string): string {
  const argument = shellArgument(name);
  return `one that is made with vnc: true in its file has one. To this one add <graphics type='vnc'><listen type='none'/></graphics> and <video><model type='virtio'/></video> among its devices with virsh edit ${argument}; plow restart ${argument} has it take effect`;
}

/** @throws PlowError (operation) where there is none */
function wayTo(name: string, facts: VncFacts, wayIn: Exclude<WayIn, { readonly by: 'socket' }>): ScreenWay {
  const { listen, livePort: port, socket } = facts;
  const there = `run plow vnc ${shellArgument(name)} on the hypervisor itself, or have it listen at 127.0.0.1 there (vnc.listen)`;
  if (listen === 'none')
    throw new PlowError(
      'operation',
      `the screen of VM '${name}' has no socket, and is reached on the hypervisor only (vnc.listen: none)`,
      { hint: there },
    );
  if (listen === 'socket') {
    if (wayIn.by === 'ssh' && socket !== undefined && PLAIN_PATH.test(socket))
      return { ...wayIn, at: { socket } };
    throw new PlowError('operation', `the screen of VM '${name}' is a socket of the hypervisor`, {
      hint: `a connection over ssh (qemu+ssh://) reaches it; else ${there}`,
    });
  }
  if (port === undefined)
    throw new PlowError('operation', `the screen of VM '${name}' has no port yet`, { hint: 'try it again' });
  const isEverywhere = listen === '0.0.0.0' || listen === '::';
  if (wayIn.by === 'ssh') return { ...wayIn, at: { address: isEverywhere ? LOOPBACK : listen, port } };
  if (isReachable(listen) && !isEverywhere) return { by: 'address', address: listen, port };
  throw new PlowError(
    'operation',
    `the screen of VM '${name}' is at ${listen.includes(':') ? `[${listen}]` : listen}:${port} of the hypervisor, which this connection does not lead to`,
    { hint: `a connection over ssh (qemu+ssh://) reaches it; else ${there}` },
  );
}
