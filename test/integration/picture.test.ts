import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { run } from '../run.ts';

const root = new URL('../../', import.meta.url);

/** A picture without what is another at each run. */
const lasting = (picture: string): string =>
  picture
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/gu, 'TIME')
    .replaceAll(/just now|\d+ \w+ ago/gu, 'AGO')
    .replaceAll(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/gu, 'UUID');

it('README shows what a terminal shows: node scripts/picture.mjs', async () => {
  const drawn = await run(process.execPath, [fileURLToPath(new URL('scripts/picture.mjs', root)), '-']);
  expect(lasting(await readFile(new URL('docs/terminal.svg', root), 'utf8'))).toBe(lasting(drawn));
});
