import { HypervisorError, isReason } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Domain, SerialConsole } from '../../hypervisor/domain.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { explainOfVm, presentVm } from '../list/unknown-vm.ts';
import { readDocument } from '../read-document.ts';

/** The serial console of a VM, open until it is disposed of. */
export interface VmConsole extends Disposable {
  /** Of the VM. */
  readonly name: string;
  /**
   * What the guest writes, in pieces; it ends when the VM stops.
   * @throws PlowError (operation) when somebody else takes the console over; (connection)
   */
  readonly output: AsyncIterable<Uint8Array>;
  /** Types it. Where that cannot be any more, `output` says why. */
  send(bytes: Uint8Array): Promise<void>;
}

/**
 * Opens the serial console of a VM that runs.
 * @param isForced whoever else has it open is thrown out
 * @throws PlowError (operation, connection)
 */
export async function openConsole(
  nameOrUuid: string,
  hypervisor: Hypervisor,
  isForced: boolean,
): Promise<VmConsole> {
  using domain = await presentVm(nameOrUuid, hypervisor, 'cannot open the console');
  const { name } = domain;
  try {
    return vmConsole(name, await domain.openConsole(isForced));
  } catch (error) {
    throw await whyNot(error, domain);
  }
}

function vmConsole(name: string, line: SerialConsole): VmConsole {
  return {
    name,
    output: explained(name, line),
    send: async (bytes) => {
      try {
        await line.send(bytes);
      } catch (error) {
        if (!(error instanceof HypervisorError)) throw error;
      }
    },
    [Symbol.dispose]: () => line[Symbol.dispose](),
  };
}

async function* explained(name: string, line: SerialConsole): AsyncGenerator<Uint8Array, void> {
  try {
    yield* line;
  } catch (error) {
    if (!isReason(error, 'in-use')) throw explainOfVm(error, name, `the console of VM '${name}' is lost`);
    throw new PlowError('operation', `somebody else has taken the console of VM '${name}' over`, {
      hint: takingOver(name),
      detail: error.describe(),
      cause: error,
    });
  }
}

async function whyNot(error: unknown, domain: Domain): Promise<unknown> {
  const { name } = domain;
  const cannot = `cannot open the console of VM '${name}'`;
  if (!(error instanceof HypervisorError)) return error;
  const details = { detail: error.describe(), cause: error };
  if (error.reason === 'not-running')
    return new PlowError('operation', `VM '${name}' is not running`, {
      ...details,
      hint: `plow start ${shellArgument(name)} starts it`,
    });
  if (error.reason === 'in-use')
    return new PlowError('operation', `somebody else has the console of VM '${name}' open`, {
      ...details,
      hint: `another plow console, virsh console or the like; ${takingOver(name)}`,
    });
  if (error.reason !== 'other') return explainOfVm(error, name, cannot);
  try {
    const why = withoutConsole(name, await domain.xml('live'));
    return why === undefined
      ? explainOfVm(error, name, cannot)
      : new PlowError('operation', why.message, { ...details, hint: why.hint });
  } catch (failure) {
    return explainOfVm(failure, name, cannot);
  }
}

const takingOver = (name: string): string => `plow console --force ${shellArgument(name)} takes it over`;

/** What its document says against a console; undefined for nothing. */
function withoutConsole(
  name: string,
  xml: string,
): { readonly message: string; readonly hint: string } | undefined {
  const devices = readDocument({ name, xml }).first('devices');
  const port = devices?.first('console') ?? devices?.first('serial');
  const type = port?.attribute('type');
  if (type === 'pty') return undefined;
  const edit = `virsh edit ${shellArgument(name)}`;
  const then = `; plow restart ${shellArgument(name)} has it take effect`;
  if (type === undefined) {
    const hint = `add <console type='pty'/> to its devices with ${edit}${then}`;
    return { message: `VM '${name}' has no serial console`, hint };
  }
  const message = `the serial port of VM '${name}' is of type '${type}', which is no console`;
  return { message, hint: `only type 'pty' is; change it with ${edit}${then}` };
}
