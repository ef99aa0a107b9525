import { setTimeout as sleep } from 'node:timers/promises';
import type { Domain } from '../../hypervisor/domain.ts';
import type { VmContext } from '../context.ts';
import { explainOfVm } from '../list/unknown-vm.ts';
import { pieces, textOf, wholeLines } from './bytes.ts';
import { logLines } from './lines.ts';
import type { LogLine, LogState } from './lines.ts';
import type { LogPlace } from './place.ts';
import { readOn } from './read.ts';
import type { LogPosition } from './read.ts';

/** libvirt tells of no byte that is written to a file: it is looked at again and again. */
const PAUSE_MS = 500;

/** What of a log has been read. */
export interface Followed {
  readonly position: LogPosition;
  /** Bytes of a line that has not ended. */
  readonly rest: Uint8Array;
  readonly state: LogState;
}

/**
 * The lines that are written to a log from now on, each once it has ended, until the VM does not run any
 * more. @throws PlowError (operation, storage), Interrupted
 */
export async function* followedLines(
  domain: Domain,
  place: LogPlace,
  from: Followed,
  context: VmContext,
): AsyncGenerator<LogLine> {
  let { rest, state } = from;
  for await (const bytes of followLog(domain, place, from.position, context)) {
    for (const piece of pieces(bytes)) {
      const parts = wholeLines(Buffer.concat([rest, piece]));
      ({ rest } = parts);
      const read = logLines(textOf(parts.whole), state);
      ({ state } = read);
      yield* read.lines;
    }
  }
  yield* logLines(textOf(rest), state).lines;
}

/**
 * What is written to a log from a position on, until the VM does not run any more.
 * @throws PlowError (operation, storage), Interrupted
 */
async function* followLog(
  domain: Domain,
  place: LogPlace,
  from: LogPosition,
  context: VmContext,
): AsyncGenerator<Uint8Array> {
  let position = from;
  for (;;) {
    context.signal.throwIfAborted();
    // Asked before the log is read: what it wrote at its end is read as well.
    const runs = await isRunning(domain);
    const { bytes, position: next } = await readOn(position, place, context);
    position = next;
    if (bytes.length > 0) yield bytes;
    else if (!runs) return;
    if (runs) await pause(context);
  }
}

async function isRunning(domain: Domain): Promise<boolean> {
  try {
    const state = await domain.state();
    return state !== 'shut off' && state !== 'crashed';
  } catch (error) {
    throw explainOfVm(error, domain.name, `cannot follow the console log of VM '${domain.name}'`);
  }
}

/** @throws Interrupted */
async function pause({ signal }: VmContext): Promise<void> {
  try {
    await sleep(PAUSE_MS, undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
}
