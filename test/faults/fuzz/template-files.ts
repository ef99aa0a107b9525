import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe as lineOf } from '../../../src/config/diagnostics/diagnostic.ts';
import { checkFiles } from '../../../src/config/vm-file/check-files.ts';
import type { CheckedText } from '../../../src/config/vm-file/check.ts';
import { VmFileReader } from '../../../src/config/vm-file/reader.ts';
import { diagnosticLines } from '../../../src/views/validation/lines.ts';
import { vmFileText } from '../../../src/views/export/vm-file-text.ts';
import { isMap } from '../../../src/config/yaml/raw-value.ts';
import { processorMs } from '../../pace.ts';
import { checkFrames } from './feed.ts';

const SLOW_MS = 2000;
const COLUMNS = 80;
/** One line of a diagnostic: begins with its place, printable, not without measure. */
const LINE = /^[^\p{C}\p{Zl}\p{Zp}]{1,1000}$/u;

/** Files by name, the first of which is given. */
export type Files = Readonly<Record<string, string>>;

/** Checks VM files and what they are made of, in memory, as disks here are slow. */
export class TemplateFeeder {
  readonly #directory = mkdtempSync('/dev/shm/plow-templates-');

  /**
   * @param settings as words of --set
   * @throws Error where plow fails, takes long, or does not answer as it should
   */
  async feed(files: Files, settings: readonly string[] = []): Promise<readonly CheckedText[]> {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.#directory, name), text);
    const [first = ''] = Object.keys(files);
    const start = processorMs();
    const reader = new VmFileReader({ set: settings });
    const checked = await checkFiles([join(this.#directory, first)], { virtType: undefined }, reader);
    const ms = processorMs() - start;
    if (ms > SLOW_MS) throw new Error(`took ${Math.round(ms)} ms`);
    for (const { diagnostics } of checked) this.#checkWords(diagnostics);
    return checked;
  }

  close(): void {
    rmSync(this.#directory, { recursive: true });
  }

  #checkWords(diagnostics: CheckedText['diagnostics']): void {
    const unfit = diagnostics
      .map(lineOf)
      .find(
        (line) => !LINE.test(line) || !(line.startsWith(`${this.#directory}/`) || line.startsWith('--set: ')),
      );
    if (unfit !== undefined) throw new Error(`unfit words: ${JSON.stringify(unfit.slice(0, 1000))}`);
    checkFrames(diagnostics.map((one) => diagnosticLines(one, COLUMNS)));
  }
}

/** What is said of a VM, wherever that stands. */
export function saidOf({ diagnostics }: CheckedText): readonly string[] {
  return diagnostics.map(({ severity, key, text }) => `${severity} ${key}: ${text}`).toSorted();
}

/** What plow render prints of it; undefined: nothing. */
export function rendered({ written }: CheckedText): string | undefined {
  return isMap(written) ? vmFileText(written) : undefined;
}
