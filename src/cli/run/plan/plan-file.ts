import { createHash, randomUUID } from 'node:crypto';
import { constants, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { LoadedMachine } from '../../../config/machine.ts';
import { whyForeign } from '../../../config/files/foreign-file.ts';
import type { FileAccess } from '../../../config/files/foreign-file.ts';
import { listAt, valueAt } from '../../../config/yaml/raw-value.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { diffDocument } from '../../../views/diff/document.ts';
import { quote } from '../../../text/quote.ts';
import type { Subject } from '../../../views/diff/document.ts';
import type { VmDiff } from '../../../vm/fleet/diff-vm.ts';
import type { VmPlace } from '../../../vm/fleet/place.ts';
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
  readonly place: VmPlace;
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

/**
 * Undefined for what is no plan: a VM file may be JSON too.
 * @param userId whom plow runs as
 * @throws PlowError (config), also for one that somebody else may have written
 */
export async function readPlan(path: string, userId: number): Promise<PlanFile | undefined> {
  const found = await textOf(path);
  const read = found && parsed(found.text);
  if (found === undefined || valueAt(read, 'kind') !== KIND) return undefined;
  const foreign = whyForeign(found.access, userId);
  if (foreign !== undefined)
    throw new PlowError('config', `the plan ${path} ${foreign.why}: somebody else may say what is done`, {
      hint: foreign.isModeOnly ? `chmod go-w ${path}` : 'look at it, and give a copy of your own',
    });
  const salt = valueAt(read, 'salt');
  const files = listAt(read, 'files').filter((file) => typeof file === 'string');
  if (valueAt(read, 'version') !== VERSION || typeof salt !== 'string' || files.length === 0)
    throw new PlowError('config', `${path} is the plan of another version of plow`);
  return { salt, files, vms: listAt(read, 'vms') };
}

/** Undefined for what cannot be read, which is told where it is read as a VM file. */
async function textOf(
  path: string,
): Promise<{ readonly text: string; readonly access: FileAccess } | undefined> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = await file.stat();
    if (!found.isFile() || found.size > MOST_BYTES) return undefined;
    return { text: await file.readFile('utf8'), access: { owner: found.uid, mode: found.mode } };
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** That all is as it was when the plan was made. @throws PlowError (operation) that names what is not */
export function assertAsPlanned({ salt, vms }: PlanFile, compared: readonly ComparedVm[]): void {
  const planned = new Map(vms.map((vm) => [keyOf(vm), vm]));
  if (planned.size < vms.length)
    throw new PlowError('config', 'the plan names a VM twice: plow has not made it so');
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
  const [before, after] = [valueAt(planned, 'on'), valueAt(now, 'on')];
  if (valueAt(before, 'hypervisor') !== valueAt(after, 'hypervisor'))
    return 'was planned for another hypervisor';
  if (valueAt(before, 'storage_path') !== valueAt(after, 'storage_path'))
    return 'was planned for another storage path';
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
function entryOf({ subject, loaded, diff, place }: ComparedVm, salt: string): unknown {
  const { machine, imageLock, mediumLock, localImage, localMedium } = loaded;
  const images = [imageLock, mediumLock].map((lock) => lock && [lock.name, lock.version, lock.builds]);
  const files = [localImage, localMedium].map((file) => file?.bytes);
  const said = JSON.stringify([machine, images, files]);
  const says = createHash('sha256').update(salt).update(said).digest('hex');
  const { file: _, ...document } = diffDocument(subject, diff);
  const on = { hypervisor: place.hypervisor, storage_path: place.storagePath };
  return JSON.parse(JSON.stringify({ ...document, on, says: `sha256:${says}` }));
}

/** `'web'`, and of one of several hosts `'hv2:web'`. */
function keyOf(vm: unknown): string {
  const host = valueAt(vm, 'host') === undefined ? '' : `${textAt(vm, 'host')}:`;
  return `'${host}${textAt(vm, 'name')}'`;
}

/** Anybody may have written the file: what no name is, is quoted. */
function textAt(map: unknown, key: string): string {
  const value = valueAt(map, key);
  if (typeof value !== 'string') return '?';
  return /^[\w .:-]{1,100}$/u.test(value) ? value : quote(value);
}
