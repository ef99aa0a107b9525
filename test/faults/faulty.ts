import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PLOW } from '../integration/support.ts';
import type { TestHost } from '../integration/support.ts';
import type { Finished } from '../lab/lab.ts';

const INJECT = fileURLToPath(new URL('inject.cjs', import.meta.url));

/** What happens at one of the calls that plow makes, counted from 0; states that are polled count as one. */
export type Fault = { readonly at: number } & (
  | {
      /**
       * The call fails without reaching libvirt, and so do the next ones of that name: `times` in all (1).
       */
      readonly action: 'fail';
      readonly error: LibvirtError;
      readonly times?: number;
    }
  /** From this call on all fail. */
  | { readonly action: 'disconnect'; readonly error: LibvirtError }
  /** plow is killed before the call, a moment after it was sent, or when it has been answered. */
  | { readonly action: 'kill' | 'kill after' }
  | { readonly action: 'kill during'; readonly milliseconds?: number }
  /** plow gets a signal as it makes the call. */
  | { readonly action: 'signal'; readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP' }
  /** A bash command runs before the call, and plow waits for it. */
  | { readonly action: 'run'; readonly command: string }
);

export type LibvirtError = { readonly code: number; readonly domain: number; readonly message: string };

/** VIR_ERR_INTERNAL_ERROR of VIR_FROM_QEMU: nothing that plow knows how to deal with. */
export const INJECTED: LibvirtError = { code: 1, domain: 10, message: 'injected fault' };
/** One that befalls a rollback as well. */
export const SECOND: LibvirtError = { ...INJECTED, message: 'second fault' };
/** As libvirt 9.0 says of a pool where another client uploads or copies, and as later versions do. */
export const BUSY: readonly LibvirtError[] = [1, 55].map((code) => ({
  code,
  domain: 18,
  message: "internal error: pool 'x' has asynchronous jobs running.",
}));
/** VIR_ERR_SYSTEM_ERROR of VIR_FROM_RPC. */
export const BROKEN: LibvirtError = {
  code: 38,
  domain: 7,
  message: 'Cannot write data: Broken pipe',
};

export type Traced = Finished & {
  /** The round trips that plow made. */
  readonly calls: readonly string[];
  /**
   * What virConnectClose returned: references that were not freed. Undefined where plow did not come so far.
   */
  readonly references: number | undefined;
  /** What the command of a `run` did. */
  readonly ran: { readonly status: number; readonly stdout: string; readonly stderr: string } | undefined;
};

/** A shell command in which plow runs with faults, and writes its trace to a file. */
export function faultyArgv(argv: readonly string[], faults: readonly Fault[], trace: string): string[] {
  const [node = 'node', ...program] = PLOW;
  return [
    'env',
    `PLOW_FAULT=${JSON.stringify({ trace, faults })}`,
    node,
    '--require',
    INJECT,
    ...program,
    ...argv,
  ];
}

let runs = 0;

/**
 * Runs the shipped program with faults, or with none to learn the calls it makes. What `--verbose` says of
 * each call is left out of standard error.
 * @throws Error where a fault was not reached: the run proves nothing
 */
export async function plowWith(
  host: Pick<TestHost, 'exec' | 'files'>,
  argv: readonly string[],
  ...faults: readonly Fault[]
): Promise<Traced> {
  const trace = join(host.files, `trace-${(runs += 1)}`);
  const finished = await host.exec(faultyArgv(argv, faults, trace));
  const { injected, ...traced } = await readTrace(trace);
  const missed = faults
    .filter((_, index) => !injected.has(index))
    .map(({ action, at }) => `${action} at ${at}`);
  if (missed.length > 0)
    throw new Error(`not reached: ${missed.join(', ')}; ${finished.stdout}${finished.stderr}`);
  return { ...finished, ...traced, stderr: finished.stderr.replaceAll(/^libvirt: .*\n/gmu, '') };
}

async function readTrace(
  file: string,
): Promise<Pick<Traced, 'calls' | 'references' | 'ran'> & { readonly injected: ReadonlySet<number> }> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  await rm(file);
  const after = (word: string): readonly string[] =>
    lines.filter((line) => line.startsWith(word)).map((line) => line.slice(word.length));
  const [closed] = after('closed ');
  return {
    calls: after('call '),
    references: closed === undefined ? undefined : Number(closed),
    injected: new Set(after('injected ').map(Number)),
    ran: lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Traced['ran'])[0],
  };
}

/**
 * Removes a VM, whatever state it is in, without asking its guest first; one that is not there is as good.
 */
export async function remove(host: TestHost, name: string): Promise<void> {
  const { code: missing } = await host.exec(['virsh', '--quiet', 'domstate', name]);
  if (missing !== 0) return;
  await host.exec(['virsh', '--quiet', 'destroy', name]);
  const { code, stdout, stderr } = await host.plow(['destroy', name]);
  if (code !== 0) throw new Error(`plow destroy ended with ${code}: ${stdout}${stderr}`);
}

/** Of a fault's message: that of the call which failed, and no other. */
export function tells({ stderr }: Finished, call: string, { message }: LibvirtError): boolean {
  const errors = stderr.split('\n').filter((line) => line.startsWith('error: '));
  return errors.length === 1 && stderr.includes(`detail: ${call}: ${message} `);
}

/** The states of all VMs, as `plow list --all` has them. */
export async function listedStates(host: TestHost): Promise<ReadonlyMap<string, string>> {
  const { code, stdout, stderr } = await host.plow(['list', '--all']);
  if (code !== 0) throw new Error(`plow list ended with ${code}: ${stderr}`);
  const rows = stdout.matchAll(/^(?<name>[a-z]\S*) +(?<state>\S+(?: \S+)?)  /gmu);
  return new Map([...rows].map(({ groups = {} }) => [groups['name'] ?? '', groups['state'] ?? '']));
}

/** The state of one; undefined where it is not listed. */
export async function listedState(host: TestHost, name: string): Promise<string | undefined> {
  return (await listedStates(host)).get(name);
}
