import { readdir, readFile } from 'node:fs/promises';

export const root = new URL('../../../', import.meta.url);

/** Every page of the project, as its path from the root. */
export async function pages(): Promise<readonly string[]> {
  const top = await readdir(root);
  const docs = await readdir(new URL('docs', root), { recursive: true });
  return [...top, ...docs.map((name) => `docs/${name}`)].filter((name) => name.endsWith('.md'));
}

export const textOf = (page: string): Promise<string> => readFile(new URL(page, root), 'utf8');

/** Text of the fenced blocks of a language on a page, in order. */
export async function blocks(page: string, language: string): Promise<readonly string[]> {
  const fences = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gmsu');
  return [...(await textOf(page)).matchAll(fences)].map(([, text = '']) => text);
}
