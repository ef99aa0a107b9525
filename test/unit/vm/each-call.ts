import { inspect, isDeepStrictEqual } from 'node:util';
import { PlowError } from '../../../src/errors/plow-error.ts';
import type { TestContext } from './context.ts';

export interface Outcome {
  /** The call at which something happened, for instance `Pool.start`. */
  readonly call: string;
  /** What the workflow threw. */
  readonly error: unknown;
  readonly context: TestContext;
  /** True when the hypervisor is as it was before. */
  readonly unchanged: boolean;
}

export interface Workflow {
  readonly prepare: () => TestContext;
  readonly run: (context: TestContext) => Promise<unknown>;
}

/**
 * Runs a workflow once for every call that it makes on the hypervisor, with trouble of some kind at that
 * call.
 */
export async function eachCall(
  { prepare, run }: Workflow,
  trouble: (context: TestContext, index: number) => TestContext,
): Promise<readonly Outcome[]> {
  const smooth = prepare();
  await run(smooth);
  const outcomes: Outcome[] = [];
  for (const [index, call] of smooth.hypervisor.calls.entries()) {
    const context = trouble(prepare(), index);
    const before = context.hypervisor.census();
    const error = await thrownBy(run(context));
    outcomes.push({
      call,
      error,
      context,
      unchanged: isDeepStrictEqual(context.hypervisor.census(), before),
    });
  }
  return outcomes;
}

export async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** One call fails, all others work. */
export function failOnce(context: TestContext, index: number): TestContext {
  context.hypervisor.fault = (_, at) => (at === index ? 'other' : undefined);
  return context;
}

/** From this call on none works. */
export function disconnect(context: TestContext, index: number): TestContext {
  context.hypervisor.fault = (_, at) => (at >= index ? 'disconnected' : undefined);
  return context;
}

/**
 * `operation`, or `operation about Pool.start` where libvirt's own words are kept; else what it is instead.
 */
export function describeError(error: unknown): string {
  if (error === undefined) return 'success';
  if (!(error instanceof PlowError)) return `not explained: ${inspect(error)}`;
  const [call] = error.detail?.split(': ') ?? [];
  return call === undefined ? error.kind : `${error.kind} about ${call}`;
}
