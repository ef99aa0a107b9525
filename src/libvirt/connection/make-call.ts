import { callAsync } from '../abi/native.ts';
import { failed } from './calls.ts';
import type { Asked, Take } from './calls.ts';
import { UNBOUNDED } from './line/timeouts.ts';
import type { Ways } from './overlap/overlapping.ts';
import { timing } from './stopwatch.ts';

/**
 * Makes a call, and waits for its answer as long as the line holds.
 * @param isBounded false for one with a deadline of its own: a guest that never answers is no server that
 * hangs
 * @throws HypervisorError
 */
export async function makeCall(
  { name, args, take }: Asked,
  { observe, handles, underWay, line }: Ways,
  isBounded = !UNBOUNDED.test(name),
): Promise<unknown> {
  const ended = timing(observe, name, args);
  const release = handles.use(args);
  const calling = callAsync(name, ...args).finally(release);
  underWay.add(calling, args);
  const held = line.hold(name, calling);
  const result = await (isBounded ? line.inTime(name, held) : held).catch((error: unknown) => {
    if (take !== undefined) void takeLate(calling, take);
    throw error;
  });
  ended();
  return result;
}

/** Takes what a call gives that nobody waits for any more. */
async function takeLate(calling: Promise<unknown>, take: Take): Promise<void> {
  // One that could not be made gives nothing.
  const given = await calling.catch(() => null);
  if (!failed(given)) take(given);
}
