import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach } from 'vitest';

import { describe as lineOf } from '../../../../src/config/diagnostics/diagnostic.ts';
import { checkFiles } from '../../../../src/config/vm-file/check-files.ts';
import type { CheckedText } from '../../../../src/config/vm-file/check.ts';
import { VmFileReader } from '../../../../src/config/vm-file/reader.ts';

type Files = Readonly<Record<string, string>>;

interface Folder {
  /** Where it is, during a test. */
  readonly folder: () => string;
  /** Writes files, and checks the first of them, or those that are named. */
  readonly checked: (
    files: Files,
    wanted?: readonly string[],
    reader?: VmFileReader,
  ) => Promise<readonly CheckedText[]>;
  /** Checks files of it. */
  readonly look: (wanted: readonly string[], reader?: VmFileReader) => Promise<readonly CheckedText[]>;
  /** As checked; a line for each diagnostic. */
  readonly mistakes: (
    files: Files,
    wanted?: readonly string[],
    reader?: VmFileReader,
  ) => Promise<readonly string[]>;
}

/** A folder of VM files that each test has for itself. */
export function inFolder(): Folder {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plow-templates-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });
  const look: Folder['look'] = (wanted, reader = new VmFileReader()) =>
    checkFiles(
      wanted.map((name) => join(folder, name)),
      { virtType: undefined },
      reader,
    );
  const checked: Folder['checked'] = async (files, wanted = Object.keys(files).slice(0, 1), reader) => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    return look(wanted, reader);
  };
  const mistakes: Folder['mistakes'] = async (...args) =>
    (await checked(...args)).flatMap(({ diagnostics }) =>
      diagnostics.map((one) => lineOf(one).replaceAll(`${folder}/`, '')),
    );
  return { folder: () => folder, checked, look, mistakes };
}
