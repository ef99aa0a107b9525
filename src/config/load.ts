import * as z from 'zod/mini';

import { PlowError } from '../errors/plow-error.ts';
import { complaints, locate } from './complaints.ts';
import { doubts } from './doubts.ts';
import type { LoadedMachine } from './machine.ts';
import { label } from './mistakes.ts';
import type { Mistake } from './mistakes.ts';
import { findPlace } from './place.ts';
import { readText } from './read-text.ts';
import { ruleMistakes } from './rules.ts';
import { issueText, unknownKeys } from './schema-issues.ts';
import { configFile } from './schema.ts';
import { toMachine } from './to-machine.ts';
import type { MachineDefaults } from './to-machine.ts';
import { readYaml } from './yaml-tree.ts';
import type { YamlTree } from './yaml-tree.ts';

/**
 * Reads the machine that a file describes.
 * @throws PlowError of kind `config` if the file cannot be read or is not YAML, else as loadMachine
 */
export async function readMachineFile(file: string, defaults: MachineDefaults): Promise<LoadedMachine> {
  return loadMachine(file, await readText(file), defaults);
}

/**
 * The machine that a YAML text describes, with every default filled in.
 * @param file name of the text for messages
 * @throws PlowError of kind `config` if the text is not YAML, of kind `validation` if it breaks rules:
 *   one line for each mistake, in the order of the file
 */
export function loadMachine(file: string, text: string, defaults: MachineDefaults): LoadedMachine {
  const tree = readYaml(text.replace(/^\uFEFF/, ''));
  if (tree.syntax.length > 0) {
    throw new PlowError('config', complaints(file, tree, tree.syntax).join('\n'));
  }
  const result = z.safeParse(configFile, tree.root.value, { error: issueText });
  const mistakes = [
    ...tree.rules,
    ...(result.error?.issues ?? []).flatMap((issue) => toMistakes(issue, tree)),
    ...ruleMistakes(tree.root.value),
  ];
  if (!result.success || mistakes.length > 0) {
    throw new PlowError('validation', complaints(file, tree, withoutEchoes(mistakes)).join('\n'));
  }
  const machine = toMachine(result.data, defaults);
  return {
    machine,
    warnings: complaints(file, tree, doubts(machine)),
    locate: (path) => locate(file, tree, { path }),
  };
}

function toMistakes(issue: z.core.$ZodIssue, tree: YamlTree): readonly Mistake[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code !== 'unrecognized_keys') {
    return [{ path, text: issue.message }];
  }
  const present = new Set([...findPlace(tree.root, path).place.children.keys()].map(String));
  return unknownKeys(path, issue.keys, present);
}

/** The first complaint about each value, and none about a missing key that is there but misspelt. */
function withoutEchoes(mistakes: readonly Mistake[]): readonly Mistake[] {
  const told = new Set(
    mistakes.flatMap(({ path, meant }) =>
      meant === undefined ? [] : [label([...path.slice(0, -1), meant])],
    ),
  );
  return mistakes.filter(({ path, offset }) => {
    const place = offset === undefined ? label(path) : `@${offset}`;
    const isNew = !told.has(place);
    told.add(place);
    return isNew;
  });
}
