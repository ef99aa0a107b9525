import { readFile, stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { pages, root, textOf } from './pages.ts';

const WIDEST = 120;
const LONGEST = { 'README.md': 160, 'DESIGN.md': 200 };

/**
 * The lines that are prose: neither of a fence nor of a table nor one word, and without what links lead to.
 */
function prose(page: string): readonly string[] {
  const lines = page.replaceAll(/^```.*?^```$/gmsu, '').split('\n');
  return lines
    .filter((line) => line.includes(' ') && !line.startsWith('|'))
    .map((line) => line.replaceAll(/\]\([^)]*\)/gu, ']'));
}

describe('pages', () => {
  it(`have no line of prose over ${WIDEST} characters`, async () => {
    const found = await pages();
    expect(found).toEqual(expect.arrayContaining(['README.md', 'DESIGN.md', 'docs/vm-file-reference.md']));
    for (const page of found) {
      const long = prose(await textOf(page)).filter((line) => line.length > WIDEST);
      expect({ page, long }).toStrictEqual({ page, long: [] });
    }
  });

  it.each(Object.entries(LONGEST))('%s has at most %i lines', async (page, most) => {
    expect((await textOf(page)).split('\n').length - 1).toBeLessThanOrEqual(most);
  });

  it('link to files that exist, and to headings that are there', async () => {
    const links = await Promise.all((await pages()).map(async (page) => linksOf(page, await textOf(page))));
    const checked = await Promise.all(
      links.flat().map(async (link) => ({ ...link, is: await isThere(link) })),
    );
    expect(checked.length).toBeGreaterThan(0);
    expect(checked.filter(({ is }) => !is)).toStrictEqual([]);
  });
});

interface Link {
  readonly page: string;
  readonly target: string;
}

/** The links of a page to other files of the project, and to its own headings. */
function linksOf(page: string, markdown: string): readonly Link[] {
  const targets = [...markdown.matchAll(/\]\((?<target>[^):\s]+)\)/gu)];
  return targets.map(({ groups }) => ({ page, target: groups?.['target'] ?? '' }));
}

async function isThere({ page, target }: Link): Promise<boolean> {
  const [path = '', heading] = target.split('#');
  const file = new URL(path === '' ? page.replace(/.*\//u, '') : path, new URL(page, root));
  const found = await stat(file).catch(() => undefined);
  if (heading === undefined || found === undefined) return found !== undefined;
  return headings(await readFile(file, 'utf8')).includes(heading);
}

/** What GitHub calls the headings of a page in links. */
function headings(page: string): readonly string[] {
  return [...page.matchAll(/^#+ (?<title>.+)$/gmu)].map(({ groups }) =>
    (groups?.['title'] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}
