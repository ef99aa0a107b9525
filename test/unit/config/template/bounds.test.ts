import { describe, expect, it } from 'vitest';

import { VmFileReader } from '../../../../src/config/vm-file/reader.ts';
import { finishedTrees } from '../../../../src/config/vm-file/template/finish.ts';
import { SMALLEST } from '../sample.ts';
import { inFolder } from './folder.ts';

const { checked, mistakes } = inFolder();

const list = (count: number, of: string): string => Array.from({ length: count }, () => of).join(',');

/** Made of so many documents. */
async function trees(count: number) {
  const documents = Array.from({ length: count }, (_, at) => `name: v${at}\n`);
  return finishedTrees('a.yaml', documents.join('---\n'), new VmFileReader());
}

/** What each of these took hundreds of seconds for. */
const SOON = 20_000;

describe('files that are made to cost much', () => {
  it('are told soon where each of many bases has many odd numbers', { timeout: SOON }, async () => {
    const files = Object.fromEntries(
      Array.from({ length: 7 }, (_, at) => [
        `b${at}.yaml`,
        `${at < 6 ? `extends: b${at + 1}.yaml\n` : ''}k${at}: [${list(6600, '0x1')}]\n`,
      ]),
    );
    expect(await mistakes(files, ['b0.yaml'])).toStrictEqual([
      'b0.yaml:1:1: comes to more than 20000 values, with all that it extends',
    ]);
  });

  it('are told soon where many documents extend the same', { timeout: SOON }, async () => {
    const files = {
      'a.yaml': Array.from({ length: 2200 }, () => 'extends: b.yaml\n').join('---\n'),
      'b.yaml': `tags: [${list(6000, 'a')}]\n`,
    };
    const all = await checked(files);
    expect(all).toHaveLength(50);
  });

  it('are told soon where many documents have a table that is none', { timeout: SOON }, async () => {
    const files = {
      'a.yaml': Array.from({ length: 1900 }, () => 'each: a.csv\n').join('---\n'),
      'a.csv': `a,b\n${'1,2\n'.repeat(30_000)}1\n`,
    };
    expect(await mistakes(files)).toStrictEqual(['a.csv:1:1: has more than 1000 rows']);
  });

  it('are told soon where a table has many columns', { timeout: SOON / 4 }, async () => {
    const names = Array.from({ length: 18_000 }, (_, at) => `c${at}`).join(',');
    const files = { 'a.yaml': `${SMALLEST}each: a.csv\n`, 'a.csv': `${names},c17999\n1\n` };
    expect(await mistakes(files)).toStrictEqual(['a.csv:1:114891: a second column has this name']);
  });

  it('name few of many columns, and none that is no name', async () => {
    const names = Array.from({ length: 30 }, (_, at) => `c${at}`).join(',');
    const head = `"a\u{1b}[31m",${names}`;
    const files = {
      'a.yaml': SMALLEST.replace('my-vm', '"{x}"') + 'each: a.csv\n',
      'a.csv': `${head}\n${'1,'.repeat(30)}1\n`,
    };
    expect(await mistakes(files)).toStrictEqual([
      'a.yaml:1:8: name: nothing fills {x}: there are {n}, {index}, {c0}, {c1}, {c2}, {c3}, {c4}, {c5}, {c6}, {c7} and 22 more; write {{x}} for the text itself',
    ]);
  });

  it('hold a thousand VMs, also as documents', async () => {
    const all = await trees(1000);
    expect(all.map(({ unfinished }) => unfinished)).toStrictEqual(Array.from({ length: 1000 }));
    const more = await trees(1500);
    expect(more).toHaveLength(1001);
    expect(more.at(-1)?.unfinished).toMatchObject([{ text: 'a file holds more than 1000 VMs' }]);
  });
});
