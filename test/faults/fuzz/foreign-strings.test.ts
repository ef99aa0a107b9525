import { PassThrough } from 'node:stream';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlowError } from '../../../src/errors/plow-error.ts';
import { documentText } from '../../../src/documents/serialize.ts';
import { failureLines } from '../../../src/views/failure/text.ts';
import type { Output } from '../../../src/terminal/output.ts';
import { PlainProgress } from '../../../src/terminal/plain-progress.ts';
import { SpinnerProgress } from '../../../src/terminal/spinner-progress.ts';
import { showDocument } from '../../../src/views/show/document.ts';
import { showLines } from '../../../src/views/show/text.ts';
import { textWidth } from '../../../src/text/width.ts';
import { vmColumns } from '../../../src/views/list/columns.ts';
import { printable } from '../../../src/text/printable.ts';
import { renderTable } from '../../../src/terminal/table.ts';
import { row } from '../../unit/vm/listed.ts';
import { shown } from '../../unit/vm/shown.ts';
import type { Progress } from '../../../src/vm/progress.ts';
import { foreignText } from './foreign-text.ts';
import { REPEAT, SEED } from './seed.ts';

const RUNS = { seed: SEED, numRuns: 2000 };

/** Moves the cursor, starts a line, or turns or hides what follows. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

function recorder(): { readonly output: Output; readonly lines: string[]; drawn(): string } {
  const lines: string[] = [];
  const stream = new PassThrough();
  let drawn = '';
  stream.on('data', (chunk: Buffer) => (drawn += chunk.toString()));
  const print = (text: string): void => void lines.push(text);
  const output = {
    print,
    accomplished: () => {},
    say: print,
    lost: new Promise<void>(() => {}),
    interactive: false,
    color: false,
    stream,
  };
  return { output, lines, drawn: () => drawn };
}

function tell(progress: Progress, text: string): void {
  progress.title(text);
  progress.begin(text);
  progress.done(text);
  progress.note(text);
  progress.begin(text);
  progress.success(text);
}

describe(`strings from libvirt (${REPEAT})`, () => {
  it('take one line each in the table of VMs, and nothing there moves the cursor', () => {
    const foreignRow = fc
      .record({ name: foreignText, address: fc.option(foreignText, { nil: undefined }), image: foreignText })
      .map(row);
    const columns = vmColumns(new Date(0));
    const width = fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined });
    const property = fc.property(fc.array(foreignRow, { maxLength: 5 }), width, (rows, columnsOfTerminal) => {
      const lines = renderTable(columns, rows, { width: columnsOfTerminal }).lines;
      expect(lines).toHaveLength(rows.length + 1);
      expect(lines.filter((line) => UNSAFE.test(line))).toStrictEqual([]);
      // A name is whole, however narrow the terminal is.
      const widest = Math.max(
        columnsOfTerminal ?? Infinity,
        ...rows.map(({ name }) => textWidth(printable(name))),
      );
      expect(lines.every((line) => textWidth(line) <= Math.max(widest, 'NAME'.length))).toBe(true);
    });
    fc.assert(property, RUNS);
  });

  it('take one line each of what is shown of a VM, and its document keeps them', async () => {
    const details = await shown();
    const [disk] = details.disks;
    const [plugged] = details.interfaces;
    if (disk === undefined || plugged === undefined) throw new Error('the VM has both');
    const count = showLines(details, new Date(0)).length;
    const property = fc.property(foreignText, foreignText, foreignText, (name, target, source) => {
      const odd = {
        ...details,
        name,
        disks: [{ ...disk, target, source }, ...details.disks.slice(1)],
        interfaces: [{ ...plugged, mac: target, source, tap: name }, ...details.interfaces.slice(1)],
      };
      const lines = showLines(odd, new Date(0));
      expect(lines).toHaveLength(count);
      expect(lines.filter((line) => UNSAFE.test(line))).toStrictEqual([]);
      const text = documentText(showDocument('qemu:///system', odd), 'json');
      expect(UNSAFE.test(text.replaceAll('\n', ''))).toBe(false);
      expect(JSON.parse(text)).toMatchObject({ vm: { name, disks: [{ target, source }, {}, {}, {}] } });
    });
    fc.assert(property, { ...RUNS, numRuns: 500 });
  });

  it('are safe in the lines of a failure', () => {
    const property = fc.property(foreignText, foreignText, foreignText, (message, hint, detail) => {
      const lines = failureLines(new PlowError('operation', message, { hint, detail }), true);
      expect(lines.filter((line) => UNSAFE.test(line))).toStrictEqual([]);
      expect(lines.every((line) => /^(?:error|hint|detail): /.test(line))).toBe(true);
    });
    fc.assert(property, RUNS);
  });

  it('are safe in the lines of progress', () => {
    const property = fc.property(foreignText, (text) => {
      const plain = recorder();
      tell(new PlainProgress(plain.output, () => 0), text);
      expect(plain.lines).toHaveLength(4);
      const spinner = recorder();
      tell(new SpinnerProgress(spinner.output), text);
      // What it draws ends each line itself.
      const drawn = [...plain.lines, ...spinner.lines, ...spinner.drawn().split('\n')];
      expect(drawn.filter((line) => UNSAFE.test(line))).toStrictEqual([]);
    });
    fc.assert(property, { ...RUNS, numRuns: 500 });
  });
});
