import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file that leads a browser to an address, for as long as it is not disposed of. */
export interface LeadingPage extends AsyncDisposable {
  readonly path: string;
}

/**
 * Writes a page that leads to an address which others are not to know, in a directory that nobody else may
 * enter: what a program is called with everybody may read.
 * @param url without a sign that HTML has a use for
 * @throws the system's errors
 */
export async function leadingPage(url: string): Promise<LeadingPage> {
  const directory = await mkdtemp(join(tmpdir(), 'plow-vnc-'));
  const path = join(directory, 'screen.html');
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>plow vnc</title><meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${url}"></head><body></body></html>
`;
  try {
    await writeFile(path, page, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    await remove();
    throw error;
  }
  return { path, [Symbol.asyncDispose]: remove };
}
