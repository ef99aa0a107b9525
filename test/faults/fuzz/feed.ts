import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diagnosticLines } from '../../../src/views/validation/lines.ts';
import { checkFiles } from '../../../src/config/vm-file/check-files.ts';
import { readMachineFile } from '../../unit/config/read-machine.ts';
import type { Machine } from '../../../src/config/machine.ts';
import { PlowError } from '../../../src/errors/plow-error.ts';
import { buildDocuments } from './documents.ts';
import type { Documents } from './documents.ts';
import { processorMs } from '../../pace.ts';

const SLOW_MS = 1000;

/** One line of a diagnostic: begins with its place, printable, not without measure. */
const LINE = /^[^\p{C}\p{Zl}\p{Zp}]{1,900}$/u;
/**
 * The lines of a frame: no wider than the terminal, as far as characters of two columns do not make it so.
 */
const FRAME = /^ *\d+ \|(?: [^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{1,73})?\n *\| +\^~*$/u;
/** Drawn over other characters, these take no room. */
const OVERLAID = /[\p{Mn}\p{Me}]/gu;
const COLUMNS = 80;
const MOST_LINES = 51;

/** What became of a file: documents of the machine it describes, or nothing for one that was refused. */
export type Fate = Documents | undefined;

/** Feeds files to plow as its command line does, through a file; in memory, as disks here are slow. */
export class Feeder {
  readonly #directory = mkdtempSync('/dev/shm/plow-fuzz-');
  readonly #file = join(this.#directory, 'vm.yaml');

  /** @throws Error where plow does not answer as it should, or not within a second */
  async feed(bytes: Uint8Array | string): Promise<Fate> {
    writeFileSync(this.#file, bytes);
    const overlay = bytes.length % 2 === 0;
    const { ms, fate } = await this.#timed(overlay);
    if (ms > SLOW_MS) throw new Error(`took ${Math.round(ms)} ms`);
    return fate;
  }

  close(): void {
    rmSync(this.#directory, { recursive: true });
  }

  /** The longer of the times that a create and a validate take. */
  async #timed(overlay: boolean): Promise<{ readonly ms: number; readonly fate: Fate }> {
    const start = processorMs();
    const machine = await load(this.#file);
    const fate = machine && buildDocuments(machine, overlay);
    const created = processorMs();
    checkFrames(await framedLines(this.#file));
    return { ms: Math.max(created - start, processorMs() - created), fate };
  }
}

/** Undefined for a file that was refused with fit words. */
async function load(file: string): Promise<Machine | undefined> {
  try {
    const { machine, warnings } = await readMachineFile(file, { virtType: undefined });
    checkLines(file, warnings);
    return machine;
  } catch (error) {
    if (!(error instanceof PlowError) || !['config', 'validation'].includes(error.kind)) {
      throw new Error('was not refused, but failed', { cause: error });
    }
    checkLines(file, error.message.split('\n'));
    return undefined;
  }
}

/**
 * What `plow validate` says of a file: for each diagnostic its line, and the two of its frame if it has one.
 */
export async function framedLines(file: string): Promise<readonly (readonly string[])[]> {
  const [checked] = await checkFiles([file], { virtType: undefined });
  return (checked?.diagnostics ?? []).map((diagnostic) => diagnosticLines(diagnostic, COLUMNS));
}

export function checkFrames(told: readonly (readonly string[])[]): void {
  const unfit = told.find(
    ([, ...frame]) => frame.length > 0 && !FRAME.test(frame.join('\n').replaceAll(OVERLAID, '')),
  );
  if (unfit !== undefined) throw new Error(`unfit frame: ${JSON.stringify(unfit)}`);
}

export function checkLines(file: string, lines: readonly string[]): void {
  const unfit = lines.find((line) => !line.startsWith(`${file}:`) || !LINE.test(line));
  if (unfit !== undefined) throw new Error(`unfit words: ${JSON.stringify(unfit.slice(0, 1000))}`);
  if (lines.length > MOST_LINES) throw new Error(`${lines.length} lines of words`);
}
