import { readFileSync } from 'node:fs';

/** The first that is there counts: os-release(5). */
const FILES = ['/etc/os-release', '/usr/lib/os-release'] as const;

/** What says which distribution runs here; undefined where nothing does. */
export function osRelease(): string | undefined {
  for (const file of FILES) {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      // The next one, if any.
    }
  }
  return undefined;
}
