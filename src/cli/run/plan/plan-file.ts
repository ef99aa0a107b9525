import { createHash, randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { LoadedMachine } from '../../../config/machine.ts';
import { listAt, valueAt } from '../../../config/yaml/raw-value.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { diffDocument } from '../../../views/diff/document.ts';
import type { Subject } from '../../../views/diff/document.ts';
import type { VmDiff } from '../../../vm/fleet/diff-vm.ts';
import { writePrivately } from '../private-files.ts';

/** What a file is that plow diff --plan-out has written. */
const KIND = 'plow plan';
const VERSION = 1;
const MOST_BYTES = 64 * 2 ** 20;

/** A VM that was compared. */
export interface ComparedVm {
  readonly subject: Subject;
  readonly loaded: LoadedMachine;
  readonly diff: VmDiff;
}

/** What was shown, to be done later. No secret is in it: of what a file says there is a digest only. */
export interface PlanFile {
  /** Of the digests: nobody can tell what two plans have alike. */
  readonly salt: string;
  /** Absolute. */
  readonly files: readonly string[];
  readonly vms: readonly unknown[];
}

/** @throws PlowError (config) */
export async function writePlan(
  path: string,
  files: readonly string[],
  compared: readonly ComparedVm[],
): Promise<void> {
  if (files.includes('-'))
    throw new PlowError('config', 'a plan of standard input cannot be made again later', {
      hint: 'give the files',
    });
  const salt = randomUUID();
  const vms = compared.map((one) => entryOf(one, salt));
  const plan = { kind: KIND, version: VERSION, salt, files: files.map((file) => resolve(file)), vms };
  await writePrivately(path, `${JSON.stringify(plan, undefined, 2)}\n`, true);
}

/** Undefined for what is no plan: a VM file may be JSON too. @throws PlowError (config) */
export async function readPlan(path: string): Promise<PlanFile | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true || found.size > MOST_BYTES) return undefined;
  let read: unknown;
  try {
    read = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
  if (valueAt(read, 'kind') !== KIND) return undefined;
  const salt = valueAt(read, 'salt');
  const files = listAt(read, 'files').filter((file) => typeof file === 'string');
  if (valueAt(read, 'version') !== VERSION || typeof salt !== 'string' || files.length === 0)
    throw new PlowError('config', `${path} is the plan of another version of plow`);
  return { salt, files, vms: listAt(read, 'vms') };
}

/** That all is as it was when the plan was made. @throws PlowError (operation) that names what is not */
export function assertAsPlanned({ salt, vms }: PlanFile, compared: readonly ComparedVm[]): void {
  const planned = new Map(vms.map((vm) => [keyOf(vm), vm]));
  const now = new Map(compared.map((one) => entryOf(one, salt)).map((vm) => [keyOf(vm), vm]));
  const lines = [...new Set([...planned.keys(), ...now.keys()])].flatMap((key) => {
    const why = whyOther(planned.get(key), now.get(key));
    return why === undefined ? [] : [`VM ${key} ${why}`];
  });
  if (lines.length === 0) return;
  throw new PlowError('operation', [`nothing was done: it is not as it was planned`, ...lines].join('\n'), {
    hint: 'plow diff --plan-out makes a plan anew',
  });
}

function whyOther(planned: unknown, now: unknown): string | undefined {
  if (planned === undefined) return 'was not planned';
  if (now === undefined) return 'has no file any more, or could not be compared';
  if (isDeepStrictEqual(planned, now)) return undefined;
  if (valueAt(planned, 'says') !== valueAt(now, 'says')) return 'has another file than it had';
  const whats = differentIn(planned, now);
  return whats.length === 0 ? 'is another one than it was' : `differs in other things: ${whats.join(', ')}`;
}

/** Names of changes that only one of the two has. */
function differentIn(planned: unknown, now: unknown): readonly string[] {
  const [before, after] = [listAt(planned, 'changes'), listAt(now, 'changes')];
  const names = [...onlyIn(before, after), ...onlyIn(after, before)].map((one) => textAt(one, 'what'));
  return [...new Set(names)];
}

function onlyIn(some: readonly unknown[], others: readonly unknown[]): readonly unknown[] {
  return some.filter((one) => !others.some((other) => isDeepStrictEqual(one, other)));
}

/** As it is read again. */
function entryOf({ subject, loaded, diff }: ComparedVm, salt: string): unknown {
  const says = createHash('sha256').update(salt).update(JSON.stringify(loaded.machine)).digest('hex');
  const { file: _, ...document } = diffDocument(subject, diff);
  return JSON.parse(JSON.stringify({ ...document, says: `sha256:${says}` }));
}

/** `'web'`, and of one of several hosts `'hv2:web'`. */
function keyOf(vm: unknown): string {
  const host = valueAt(vm, 'host') === undefined ? '' : `${textAt(vm, 'host')}:`;
  return `'${host}${textAt(vm, 'name')}'`;
}

/** Anybody may have written the file. */
function textAt(map: unknown, key: string): string {
  const value = valueAt(map, key);
  return typeof value === 'string' ? value : '?';
}
