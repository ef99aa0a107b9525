import { HypervisorError } from '../../errors/hypervisor-error.ts';
import { VIR_ERR } from '../abi/error.ts';

/** Asks with one set of flags after the other, until one is not refused. @throws HypervisorError */
export async function firstAccepted(
  attempts: readonly number[],
  ask: (flags: number) => Promise<unknown>,
): Promise<void> {
  for (const [index, flags] of attempts.entries()) {
    try {
      await ask(flags);
      return;
    } catch (error) {
      if (!refusesFlags(error) || index === attempts.length - 1) throw error;
    }
  }
}

function refusesFlags(error: unknown): boolean {
  return error instanceof HypervisorError && error.code === VIR_ERR.INVALID_ARG;
}
