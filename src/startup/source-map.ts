import { readFile } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import type { SourceMapPayload } from 'node:module';
import { join } from 'node:path';

/**
 * A place in a built file. V8's code cache keeps the path that the file had while it was built, so the name
 * counts.
 */
const PLACE = /\/[^()\n]*\/(?<file>(?:plow|program)\.cjs):(?<line>\d+):(?<column>\d+)/gu;

/**
 * Has a stack trace name the lines of the source, where a built file has a map beside it. Nothing else reads
 * the maps, so that they cost no command anything. @param directory of the built files
 */
export async function withSourcePlaces(stack: string, directory: string): Promise<string> {
  const files = new Set([...stack.matchAll(PLACE)].map(({ groups }) => groups?.['file'] ?? ''));
  const read = [...files].map(async (file) => [file, await mapOf(join(directory, file))] as const);
  const maps = new Map(await Promise.all(read));
  return stack.replaceAll(PLACE, (built, file: string, line: string, column: string) => {
    const entry = maps.get(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (entry === undefined || !('originalSource' in entry)) return built;
    // `../src/main.ts`, as seen from dist/
    const source = entry.originalSource.replace(/^(?:\.\.\/)+/u, '');
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

async function mapOf(file: string): Promise<SourceMap | undefined> {
  try {
    return new SourceMap(JSON.parse(await readFile(`${file}.map`, 'utf8')) as SourceMapPayload);
  } catch {
    return undefined;
  }
}
