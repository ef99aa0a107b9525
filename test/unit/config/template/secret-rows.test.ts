import { describe, expect, it } from 'vitest';

import { SMALLEST } from '../sample.ts';
import { inFolder } from './folder.ts';

const { checked } = inFolder();

const SECRET = 'open sesame';
const NAMED = SMALLEST.replace('my-vm', '"{name}"');
const HASHED = `${NAMED}cloud_init: { root_password_hash: '{word}' }\n`;

/** All lines of files that mistakes show, and what is said of them. */
async function shown(files: Readonly<Record<string, string>>): Promise<string> {
  const all = await checked(files);
  const lines = all.flatMap(({ diagnostics }) =>
    diagnostics.map(({ text, spot }) => [text, spot?.excerpt.text]),
  );
  expect(lines).not.toStrictEqual([]);
  return JSON.stringify(lines);
}

describe('secrets in rows', () => {
  it.each([
    ['what fills a hash', `${HASHED}each: a.csv\n`, `name,word\nweb,${SECRET}\n`],
    [
      'it, beside a mistake',
      `${HASHED.replace('vcpus: 2', 'vcpus: none')}each: a.csv\n`,
      `name,word\nw,${SECRET}\n`,
    ],
    [
      'a part of a command',
      `${NAMED}cloud_init: { runcmd: ['login {x}'] }\neach: a.csv\n`,
      `name,x\nw,${SECRET}\n`,
    ],
    ['what is called so', `${NAMED}each: a.csv\n`, `name,password\nw,${SECRET}\n`],
    ['a row that is too long', `${HASHED}each: a.csv\n`, `name,word\nweb,${SECRET},1\n`],
    ['the same, called so', `${NAMED}each: a.csv\n`, `name,password\nweb,${SECRET},1\n`],
    ['a quote', `${HASHED}each: a.csv\n`, `name,word\nweb,${SECRET}"\n`],
    ['a quote that is not closed', `${HASHED}each: a.csv\n`, `name,word\nweb,"${SECRET}\n`],
  ])('are not shown in a table: %s', async (_, text, table) => {
    expect(await shown({ 'a.yaml': text, 'a.csv': table })).not.toMatch(/sesame/u);
  });

  it.each([
    ['what fills a hash', `{ name: web, word: ${SECRET} }`],
    ['it, beside a mistake', `{ name: w, word: ${SECRET} }`],
    ['that of another row', `{ name: w, word: x }, { name: web, word: ${SECRET} }`],
    ['a row that is none', `{ name: w, word: ${SECRET} }, 5`],
    ['a cell that is a list', `{ name: w, word: [${SECRET}] }`],
  ])('are not shown in a list: %s', async (_, rows) => {
    expect(await shown({ 'a.yaml': `${HASHED}each: [${rows}]\n` })).not.toMatch(/sesame/u);
    expect(await shown({ 'a.yaml': `${HASHED}each: b.yaml\n`, 'b.yaml': `[${rows}]\n` })).not.toMatch(
      /sesame/u,
    );
    expect(
      await shown({ 'a.yaml': 'extends: b/a.yaml\n', 'b/a.yaml': `${HASHED}each: [${rows}]\n` }),
    ).not.toMatch(/sesame/u);
  });

  it('keep nothing else of a line from being shown', async () => {
    const files = { 'a.yaml': `${HASHED}vcpus: '{cpus}'\neach: a.csv\n`.replace('vcpus: 2\n', '') };
    const text = await shown({ ...files, 'a.csv': `name,word,cpus\nweb,${SECRET},four\n` });
    expect(text).toContain('web,(a secret, not shown),four');
  });
});
