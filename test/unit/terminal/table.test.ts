import { describe, expect, it } from 'vitest';
import { oneLine } from '../../../src/text/one-line.ts';
import { printable } from '../../../src/text/printable.ts';
import { NONE, renderTable } from '../../../src/terminal/table.ts';
import type { Column } from '../../../src/terminal/table.ts';
import { TABLE_COLUMNS, vmColumns } from '../../../src/views/list/columns.ts';
import type { VmRow } from '../../../src/vm/list/list.ts';
import { row as listedRow } from '../vm/listed.ts';

const GIB_IN_KIB = 2 ** 20;

function row(changes: Partial<VmRow> = {}): VmRow {
  return listedRow({
    name: 'my-vm',
    vcpus: 4,
    memoryKib: 8 * GIB_IN_KIB,
    address: '10.20.30.40',
    ...changes,
  });
}

const NOW = new Date('2026-11-24T12:00:00Z');
const SEEDS = vmColumns(NOW).filter(({ name }) => TABLE_COLUMNS.some((one) => one === name));

function seedsTable(rows: readonly VmRow[]): readonly string[] {
  return renderTable(SEEDS, rows).lines;
}

describe('the table of VMs', () => {
  it('looks as designed', () => {
    const rows = [
      row(),
      row({ name: 'test-vm', vcpus: 2, memoryKib: 4 * GIB_IN_KIB, address: '10.20.30.41' }),
      row({ name: 'old-vm', state: 'shut off', address: undefined }),
    ];
    expect(seedsTable(rows).join('\n')).toBe(
      `
NAME       STATE     VCPUS  MEMORY  IP ADDRESS
my-vm      running   4      8 GiB   10.20.30.40
test-vm    running   2      4 GiB   10.20.30.41
old-vm     shut off  4      8 GiB   -
`.trim(),
    );
  });

  it('without VMs is its header', () => {
    expect(seedsTable([])).toStrictEqual(['NAME       STATE     VCPUS  MEMORY  IP ADDRESS']);
  });

  it('grows with what is in it', () => {
    expect(seedsTable([row({ name: 'a-much-longer-name', state: 'incomplete' }), row()])).toStrictEqual([
      'NAME                STATE       VCPUS  MEMORY  IP ADDRESS',
      'a-much-longer-name  incomplete  4      8 GiB   10.20.30.40',
      'my-vm               running     4      8 GiB   10.20.30.40',
    ]);
  });

  it.each([
    [8 * GIB_IN_KIB, '8 GiB'],
    [1.5 * GIB_IN_KIB, '1.5 GiB'],
    [GIB_IN_KIB, '1 GiB'],
    [512 * 1024, '512 MiB'],
    [1024, '1 MiB'],
    [10_000, '10 MiB'],
    [65_536 * GIB_IN_KIB, '65536 GiB'],
  ])('shows %d KiB as %s', (memoryKib, text) => {
    expect(seedsTable([row({ memoryKib })])[1]).toContain(`  ${text}  `);
  });

  it('lets no name from elsewhere move the cursor', () => {
    const [, line] = seedsTable([row({ name: 'evil\u001b[2J\nvm', address: '10.0.0.1\u001b[0m' })]);
    expect(line).toBe('evil\u{fffd}[2J\u{fffd}vm  running   4      8 GiB   10.0.0.1\u{fffd}[0m');
  });
});

describe('a table', () => {
  it('has no trailing spaces, whatever is last', () => {
    const columns = [
      { title: 'A', text: ([a]: readonly string[]) => a ?? '' },
      { title: 'LONG', text: ([, b]: readonly string[]) => b ?? '' },
    ];
    expect(
      renderTable(columns, [
        ['1', ''],
        ['22', 'x'],
      ]).lines,
    ).toStrictEqual(['A   LONG', '1', '22  x']);
  });
});

describe('a table in a narrow terminal', () => {
  const columns: readonly Column<readonly string[]>[] = [
    { title: 'ID', text: ([id]) => id ?? '' },
    { title: 'WORDS', text: ([, words]) => words ?? '', cutTo: 6, rank: 1 },
    { title: 'UUID', text: ([, , uuid]) => uuid ?? '', rank: 3 },
    { title: 'EMPTY', text: () => NONE, rank: 2 },
  ];
  const rows = [
    ['an-id', 'some more words', '0abeeabc'],
    ['id', '-', '752a4d00'],
  ];

  it.each<[number, readonly string[], readonly string[]]>([
    [39, ['ID     WORDS            UUID      EMPTY', 'an-id  some more words  0abeeabc  -'], []],
    [38, ['ID     WORDS           UUID      EMPTY', 'an-id  some more wor…  0abeeabc  -'], []],
    [30, ['ID     WORDS   UUID      EMPTY', 'an-id  some…   0abeeabc  -'], []],
    [29, ['ID     WORDS         UUID', 'an-id  some more w…  0abeeabc'], ['EMPTY']],
    [22, ['ID     WORDS', 'an-id  some more words'], ['UUID', 'EMPTY']],
    [13, ['ID     WORDS', 'an-id  some…'], ['UUID', 'EMPTY']],
    [12, ['ID', 'an-id'], ['WORDS', 'UUID', 'EMPTY']],
    [2, ['ID', 'an-id'], ['WORDS', 'UUID', 'EMPTY']],
  ])('of %d columns has %j, and says that %j are left out', (width, lines, leftOut) => {
    const table = renderTable(columns, rows, { width });
    expect(table.lines.slice(0, 2)).toStrictEqual(lines);
    expect(table.leftOut).toStrictEqual(leftOut);
  });
});

describe('a text of several lines', () => {
  it.each([
    [
      'Web application of the shop.\nOwner: the web team.\n',
      'Web application of the shop. Owner: the web team.',
    ],
    ['a\tb \r\n\n c', 'a b c'],
    ['bell\u0007', 'bell\u{fffd}'],
  ])('%j becomes %j', (text, line) => {
    expect(oneLine(text)).toBe(line);
  });
});

describe('printable text', () => {
  it.each([
    ['an ordinary name_1', 'an ordinary name_1'],
    ['\u00e4\u00f6 \u4e2d\u6587 \u{1f600}', '\u00e4\u00f6 \u4e2d\u6587 \u{1f600}'],
    ['bell\u0007', 'bell\u{fffd}'],
    ['\u001b[31mred', '\u{fffd}[31mred'],
    ['c1 \u009b31m', 'c1 \u{fffd}31m'],
    ['two\nlines\r', 'two\u{fffd}lines\u{fffd}'],
    ['nul\u0000', 'nul\u{fffd}'],
    ['turned \u202eback', 'turned \u{fffd}back'],
    ['hidden\u200b\u2028', 'hidden\u{fffd}\u{fffd}'],
    ['half \ud800', 'half \u{fffd}'],
  ])('of %j is %j', (text, safe) => {
    expect(printable(text)).toBe(safe);
  });
});
