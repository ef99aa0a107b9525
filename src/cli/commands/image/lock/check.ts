import { dirname } from 'node:path';
import type { ImagesLock } from '../../../../config/images-lock/check.ts';
import { ARCHES } from '../../../../config/machine.ts';
import type { Arch, LockedBuild } from '../../../../config/machine.ts';
import { unlockedIn } from '../../../../config/vm-file/images/unlocked.ts';
import { jsonDocument } from '../../../../documents/json-text.ts';
import { gravestOf, PlowError } from '../../../../errors/plow-error.ts';
import { digestText } from '../../../../images/digest.ts';
import { printable } from '../../../../text/printable.ts';
import { failureLines } from '../../../../views/failure/text.ts';
import { updateDocument } from '../../../../views/image/update.ts';
import type { ToldUpdate } from '../../../../views/image/update.ts';
import { versionOf } from '../../../../vm/pull/wanted.ts';
import type { Environment } from '../../../environment.ts';
import { webTools } from '../web/tools.ts';
import type { WebTools } from '../web/tools.ts';
import { wantedByName } from '../web/wanted.ts';
import { lockThere, openLock } from './lock-file.ts';
import { standingOf } from './standing.ts';
import { assertName } from './names.ts';
import type { UpdateOptions } from './update.ts';

/** A name of a lock, of one architecture. */
interface Locked {
  readonly name: string;
  readonly arch: Arch;
  readonly build: LockedBuild;
}

interface Work extends UpdateOptions {
  readonly lock: ImagesLock;
  readonly tools: WebTools;
  readonly tell: (told: Omit<ToldUpdate, 'lock'>, line: string) => void;
}

/**
 * `plow image update --check [name...]`: whether a lock has the newest of each publisher. Nothing is written,
 * no image is downloaded, and no hypervisor is asked.
 * @throws PlowError where it is not so, or nobody can tell; Interrupted
 */
export async function runImageCheck(
  words: readonly string[],
  options: UpdateOptions,
  environment: Environment,
  verbose: boolean,
): Promise<void> {
  words.forEach(assertName);
  const { output } = environment;
  const { format } = options;
  const lock = lockThere(await openLock(options.imagesLock));
  const { signal } = environment.interruptible('stopping after this image');
  const tools = webTools(environment, signal, (text) => output.say(`note: ${printable(text)}`));
  const tell: Work['tell'] = (told, line) => {
    if (format === 'json') output.print(jsonDocument(updateDocument({ lock: lock.file, ...told }), 'line'));
    else if (format === 'text') output.print(printable(line));
  };
  const work = { ...options, lock, tools, tell };
  const behind: string[] = [];
  const errors: PlowError[] = [];
  for (const locked of chosen(words, lock)) {
    signal.throwIfAborted();
    try {
      if (await isBehind(locked, work)) behind.push(locked.name);
    } catch (error) {
      if (!(error instanceof PlowError)) throw error;
      const { name, arch, build } = locked;
      tell({ name, architecture: arch, status: 'failed', from: build.version, error }, `${name}: not known`);
      if (format !== 'json') for (const line of failureLines(error, verbose, name)) output.say(line);
      errors.push(error);
    }
  }
  const unlocked = words.length > 0 ? [] : await unlockedIn(dirname(lock.file), lock);
  for (const { name, file } of unlocked)
    tell({ name, status: 'not-locked', vmFile: file }, `${name}: not locked, and named by ${file}`);
  assertCurrent(lock.file, { behind, unlocked: unlocked.map(({ name }) => name), errors });
}

/** All that are locked, or those of some names. @throws PlowError (config) */
function chosen(words: readonly string[], { file, images }: ImagesLock): readonly Locked[] {
  const missing = words.find((word) => !images.has(word));
  if (missing !== undefined)
    throw new PlowError('config', `${file} has no ${missing}`, {
      hint: `plow image update ${missing} adds it`,
    });
  const names = words.length > 0 ? [...new Set(words)] : [...images.keys()];
  return names.flatMap((name) =>
    ARCHES.flatMap((arch) => {
      const build = images.get(name)?.[arch];
      return build === undefined ? [] : [{ name, arch, build }];
    }),
  );
}

/** @throws PlowError */
async function isBehind({ name, arch, build }: Locked, { known, tools, tell }: Work): Promise<boolean> {
  const wanted = await wantedByName(name, { ...known, arch, insecure: false, read: tools.read });
  const { url, content, downloaded } = wanted;
  const to = versionOf(wanted, new Date());
  const standing = standingOf(build, { ...wanted, version: to });
  const isNow = standing === 'current' || standing === 'ahead';
  const status = isNow ? 'current' : 'behind';
  const told = {
    name,
    architecture: arch,
    status,
    from: build.version,
    to,
    url,
    content: content && digestText(content),
    downloaded: downloaded && digestText(downloaded),
  } as const;
  const lines = {
    current: `${name}: ${build.version} is the newest`,
    ahead: `${name}: ${build.version} is newer than what its publisher has, ${to}`,
    changed: `${name}: ${build.version} has another digest at its publisher than in the lock`,
    behind: `${name}: ${build.version} -> ${to}`,
    missing: '',
  };
  tell(told, lines[standing]);
  return !isNow;
}

interface Found {
  readonly behind: readonly string[];
  readonly unlocked: readonly string[];
  readonly errors: readonly PlowError[];
}

/** @throws PlowError */
function assertCurrent(file: string, { behind, unlocked, errors }: Found): void {
  const words = [
    ...(behind.length === 0 ? [] : [`is behind: ${[...new Set(behind)].join(', ')}`]),
    ...(unlocked.length === 0 ? [] : [`does not have ${[...new Set(unlocked)].join(', ')}`]),
    ...(errors.length === 0 ? [] : [`could not be compared: ${errors.length} of its names`]),
  ];
  if (words.length === 0) return;
  const worst = gravestOf(errors, (error) => error)?.kind ?? 'config';
  const isKnown = behind.length + unlocked.length > 0;
  const details = isKnown
    ? { hint: 'plow image update moves it, and plow image update NAME adds a name' }
    : {};
  throw new PlowError(isKnown ? 'config' : worst, `${file} ${words.join('; it ')}`, details);
}
