import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { run } from '../run.ts';

/** Where the root file system of the image of guest-image.sh begins. */
const ROOT_AT = 129 * 2 ** 20;

/** A file of a guest. */
export interface GuestFile {
  readonly path: string;
  readonly text: string;
}

/** Unpacks the image of guest-image.sh to a raw one, with a file more in its root file system. */
export async function imageWithFile(image: string, raw: string, { path, text }: GuestFile): Promise<void> {
  await run('qemu-img', ['convert', '-O', 'raw', image, raw]);
  const work = await mkdtemp(join(tmpdir(), 'plow-guest-file-'));
  try {
    const [file, commands] = [join(work, 'file'), join(work, 'commands')];
    await writeFile(file, text);
    // That the directory is there already is no error.
    await writeFile(commands, `mkdir ${posix.dirname(path)}\nwrite ${file} ${path}\n`);
    const root = `${raw}?offset=${ROOT_AT}`;
    await run('debugfs', ['-w', '-f', commands, root]);
    const found = await run('debugfs', ['-R', `cat ${path}`, root]);
    if (found !== text) throw new Error(`${path} is not in the image: ${found}`);
  } finally {
    await rm(work, { recursive: true });
  }
}
