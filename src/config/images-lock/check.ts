import { asMistake, describe, omission } from '../diagnostics/diagnostic.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { DiagnosticReporter } from '../diagnostics/reporter.ts';
import type { Arch, LockedBuild } from '../machine.ts';
import { checkYaml } from '../schema/check.ts';
import type { Form } from '../schema/check.ts';
import type { Mistake } from '../yaml/mistake.ts';
import type { Place } from '../yaml/place.ts';
import { readYaml } from '../yaml/tree.ts';
import type { YamlTree } from '../yaml/tree.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { lockFile, lockKeys, lockMistakes } from './schema.ts';
import type { LockValues } from './schema.ts';

/** By architecture, one at least. */
export type LockedBuilds = Readonly<Partial<Record<Arch, LockedBuild | undefined>>>;

/** A lock without mistakes. */
export interface ImagesLock {
  readonly file: string;
  readonly images: ReadonlyMap<string, LockedBuilds>;
}

/** What is wrong with a lock. */
export interface WrongLock {
  readonly file: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly omitted: number;
}

export type CheckedLock = ImagesLock | WrongLock;

/**
 * The lock that a YAML text holds. Nothing at all is a lock without names. Never throws for what is in it.
 * @param file name of the text for messages
 */
export function checkLock(file: string, text: string): CheckedLock {
  const tree = readYaml(text.replace(/^\uFEFF/u, ''));
  const reporter = new DiagnosticReporter(file, tree);
  const checked = checkYaml(tree, tree.root.value ?? {}, formOf(tree));
  if (!checked.ok) return { file, ...reporter.all('error', checked.mistakes) };
  return { file, images: new Map(Object.entries(checked.value.images ?? {})) };
}

/** One that cannot even be read. */
export function unreadableLock(file: string, text: string): WrongLock {
  const diagnostic = { file, severity: 'error', key: '', text, spot: undefined } as const;
  return { file, diagnostics: [diagnostic], omitted: 0 };
}

/** @throws PlowError (config) with a line for each mistake */
export function soundLock(lock: CheckedLock): ImagesLock {
  if ('images' in lock) return lock;
  const { file, diagnostics, omitted } = lock;
  const lines = [...diagnostics.map(describe), ...omission(file, omitted)];
  throw new PlowError('config', lines.join('\n'), { mistakes: diagnostics.map(asMistake) });
}

function formOf(tree: YamlTree): Form<LockValues> {
  return {
    schema: lockFile,
    vocabulary: { knownKeys: lockKeys, partsWith: () => [] },
    rules: (value) => [...aliases(tree.root), ...lockMistakes(value)],
  };
}

/** A value that stands in two places cannot be moved in one of them. */
function aliases({ children, original, offset, end }: Place): readonly Mistake[] {
  if (original !== undefined)
    return [{ path: [], offset, end, text: 'a lock has no aliases (*): write it out' }];
  return [...children.values()].flatMap(aliases);
}
