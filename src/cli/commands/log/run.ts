import { jsonDocument } from '../../../documents/json-text.ts';
import { Interrupted } from '../../../errors/interrupted.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { lineDocument } from '../../../views/log/document.ts';
import { followedLines } from '../../../vm/console-log/follow.ts';
import { bootCount, chosenBoot, chosenLines, logLines } from '../../../vm/console-log/lines.ts';
import type { LogLine } from '../../../vm/console-log/lines.ts';
import { placeOfLog } from '../../../vm/console-log/place.ts';
import { NOTHING, textOf, wholeLines } from '../../../vm/console-log/bytes.ts';
import { readLog } from '../../../vm/console-log/read.ts';
import type { Domain } from '../../../hypervisor/domain.ts';
import type { VmContext } from '../../../vm/context.ts';
import { presentVm } from '../../../vm/list/unknown-vm.ts';
import type { Environment } from '../../environment.ts';
import { checkVmName } from '../../options/vm-name.ts';
import { runReport } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';

export interface LogOptions {
  readonly follow?: boolean;
  readonly lines?: number;
  readonly boot?: number;
  readonly since?: Date;
  readonly output: 'text' | 'json';
}

/** Lines that are written at once. */
const AT_ONCE = 1000;

/** How much of a log is read. */
const READ = { bytes: '16 MiB', lines: '500,000 lines' };

/** `plow log <vm-name>` @returns the exit code @throws PlowError, Interrupted */
export async function runLog(
  name: string,
  options: LogOptions,
  settings: Settings,
  environment: Environment,
): Promise<number> {
  checkVmName('log', name);
  return runReport(settings, environment, undefined, async (context) => {
    const printing = printLogOf(name, options, context, environment);
    // One that is interrupted waits for no server.
    await Promise.race([printing, interruption(context.signal), environment.output.lost]);
    const { reason } = context.signal;
    if (!(reason instanceof Interrupted)) return 0;
    // Who follows a log ends it so: nothing failed.
    if (options.follow === true) return reason.exitCode;
    throw reason;
  });
}

function interruption(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

async function printLogOf(
  name: string,
  options: LogOptions,
  context: VmContext,
  environment: Environment,
): Promise<void> {
  using domain = await presentVm(name, context.hypervisor);
  await printLog(domain, options, context, environment);
}

/** @param host of several: it stands before each line @throws PlowError, Interrupted */
export async function printLog(
  domain: Domain,
  options: LogOptions,
  context: VmContext,
  environment: Environment,
  host?: string,
): Promise<void> {
  const place = await placeOfLog(domain, context.storagePath);
  const { bytes, cut, position } = await readLog(place, context);
  if (cut !== undefined) context.progress.note(`the log is longer: only its last ${READ[cut]} were read`);
  const isFollowed = options.follow === true;
  const { whole, rest } = isFollowed ? wholeLines(bytes) : { whole: bytes, rest: NOTHING };
  const { lines, state } = logLines(textOf(whole));
  const { boot, since, lines: last } = options;
  if (boot !== undefined) refuseUnknownBoot(lines, boot, domain.name);
  const print = (some: readonly LogLine[]): void =>
    printLines(some, { name: domain.name, host }, options, environment);
  const chosen = chosenLines(lines, { boot, since, last });
  for (let at = 0; at < chosen.length; at += AT_ONCE) print(chosen.slice(at, at + AT_ONCE));
  if (!isFollowed) return;
  const from = { position, rest, state };
  for await (const line of followedLines(domain, place, from, context)) print([line]);
  if (!context.signal.aborted) context.progress.note(`VM '${domain.name}' is not running`);
}

/** @throws PlowError (operation) */
function refuseUnknownBoot(lines: readonly LogLine[], wanted: number, name: string): void {
  const count = bootCount(lines);
  const boot = chosenBoot(lines, wanted);
  if (boot >= 1 && boot <= count) return;
  const kept = count === 1 ? 'one boot' : `${count} boots`;
  throw new PlowError('operation', `there is no boot ${wanted} in the console log of VM '${name}'`, {
    hint: count === 0 ? 'it is empty' : `${kept} of it can be told apart there`,
  });
}

function printLines(
  lines: readonly LogLine[],
  { name, host }: { readonly name: string; readonly host: string | undefined },
  { output: format }: LogOptions,
  { output }: Environment,
): void {
  const of = host === undefined ? '' : `${host}: `;
  const texts = lines.map((line) =>
    format === 'json' ? jsonDocument(lineDocument(name, line, host), 'line') : of + line.text,
  );
  output.print(texts.join('\n'));
}
