import { checkYaml } from '../schema/check.ts';
import type { Form } from '../schema/check.ts';
import { asWritten } from './rules/as-written.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { DiagnosticReporter } from '../diagnostics/reporter.ts';
import { warnings, nameDoubts } from './rules/warnings.ts';
import { fillIn } from './fill-in.ts';
import { hostKeyDoubts, keyDoubts } from './rules/guest.ts';
import type { ConfigPath, ImageLock, IsSaid, LocalImage, Machine } from '../machine.ts';
import { valueAt } from '../yaml/raw-value.ts';
import type { Mistake } from '../yaml/mistake.ts';
import type { WrongLock } from '../images-lock/check.ts';
import type { FileTexts } from './referenced-files.ts';
import { ruleMistakes } from './rules/vm-file.ts';
import { configFile, knownKeys, partsWith } from './schema/vm-file.ts';
import type { ConfigFile } from './schema/vm-file.ts';
import { TEMPLATE_KEYS } from './template/keys.ts';
import { toMachine } from './to-machine.ts';
import type { DefaultsByHost } from './to-machine.ts';
import { readYaml } from '../yaml/tree.ts';
import type { YamlTree } from '../yaml/tree.ts';

const NO_TEXTS: FileTexts = new Map();

function form(texts: FileTexts, others: readonly Mistake[]): Form<ConfigFile> {
  return {
    schema: configFile,
    vocabulary: { knownKeys: keysAt, partsWith },
    rules: (value) => [...others, ...ruleMistakes(value, texts)],
  };
}

function keysAt(path: ConfigPath): readonly string[] {
  return path.length === 0 ? [...knownKeys(path), ...TEMPLATE_KEYS] : knownKeys(path);
}

/** All that can be said of a file without a hypervisor. */
export interface CheckedText {
  readonly file: string;
  /** Which VM of its file, from 0. */
  readonly ordinal?: number;
  /** Which of several that are made of one document, from 1. */
  readonly row?: { readonly n: number; readonly of: number };
  /** As it says itself. */
  readonly host?: string | undefined;
  /** Undefined for a file that is refused by itself. */
  readonly machine: Machine | undefined;
  /** `config`: it cannot be read or is not YAML; `validation`: it breaks rules; undefined: it is sound. */
  readonly refusal: 'config' | 'validation' | undefined;
  /** In the order of the file: mistakes, or of a sound file what is odd but allowed. At most fifty. */
  readonly diagnostics: readonly Diagnostic[];
  /** How many more there are. */
  readonly omitted: number;
  /** The file as plain values, defaults included; null where it is not YAML. */
  readonly value: unknown;
  /** The same without defaults; undefined where it cannot be finished, or is not to be shown. */
  readonly written?: unknown;
  /** The base image and the medium, where it names files of this machine and may. */
  readonly localImage?: LocalImage;
  readonly localMedium?: LocalImage;
  /** What a lock says of its base image and its medium, where it has the name. */
  readonly imageLock?: ImageLock;
  readonly mediumLock?: ImageLock;
  /** A lock that would say it, and cannot be used. */
  readonly wrongLock?: WrongLock;
  /** A further mistake, at a value or at the nearest key above it that the file has. */
  readonly report: (path: ConfigPath, text: string) => Diagnostic;
  /** Of a file that could be read. */
  readonly isSaid?: IsSaid;
}

/**
 * Checks the YAML text of a VM. Never throws for what is in the text.
 * @param file name of the text for messages
 * @param texts of the files that it names
 */
export function checkText(
  file: string,
  text: string,
  defaults: DefaultsByHost,
  texts: FileTexts = NO_TEXTS,
): CheckedText {
  return checkTree(file, treeOf(text), defaults, texts);
}

function partOf(value: unknown, key: ConfigPath[number]): unknown {
  return valueAt(value, String(key));
}

/** The tree of a text, with a byte order mark or without. */
function treeOf(text: string): YamlTree {
  return readYaml(text.replace(/^\uFEFF/, ''));
}

/** As checkText. */
export function checkTree(
  file: string,
  tree: YamlTree,
  usual: DefaultsByHost,
  texts: FileTexts,
): CheckedText {
  const named = valueAt(tree.root.value, 'host');
  const host = typeof named === 'string' ? named : undefined;
  const placed = usual.at?.(host) ?? usual;
  const defaults = typeof placed === 'string' ? usual : placed;
  const misplaced = typeof placed === 'string' ? [{ path: ['host'], text: placed }] : [];
  const { value, filled } = fillIn(tree.root.value, defaults.fill);
  const { row, syntax, unfinished = [] } = tree;
  const isFinished = syntax.length === 0 && unfinished.length === 0;
  const made = {
    file,
    host,
    ...(isFinished ? { written: tree.root.value } : {}),
    ...(row === undefined ? {} : { row }),
  };
  const reporter = new DiagnosticReporter(file, tree, filled);
  const report = (path: ConfigPath, words: string): Diagnostic =>
    reporter.one('error', { path: asWritten(path, value), text: words });
  const checked = checkYaml(tree, value, form(texts, misplaced));
  if (!checked.ok) {
    const { refusal, mistakes } = checked;
    return { ...made, machine: undefined, refusal, ...reporter.all('error', mistakes), value, report };
  }
  const machine = toMachine(checked.value, defaults, texts);
  const reported = reporter.all('warning', [
    ...nameDoubts(value),
    ...warnings(machine),
    ...keyDoubts(value, texts),
    ...hostKeyDoubts(value, texts),
  ]);
  const isSaid: IsSaid = (path) => path.reduce(partOf, tree.root.value) !== undefined;
  return { ...made, machine, refusal: undefined, ...reported, value, report, isSaid };
}
