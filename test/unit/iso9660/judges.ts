import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What xorriso finds in an image and puts on a disk. */
export interface Extracted {
  /** By name; a character is a byte. */
  readonly files: ReadonlyMap<string, string>;
  /** Permission bits and time of modification, the root directory under `.`. */
  readonly attributes: ReadonlyMap<string, { readonly mode: number; readonly modifiedAt: Date }>;
}

/** In the Joliet tree isoinfo shows names in Latin-1, so ask it for ASCII names there. */
export function isoinfo(image: Uint8Array, ...flags: string[]): string {
  return withFile(image, (path) => run('isoinfo', ['-i', path, ...flags]));
}

/** The low-level probe that udev, and so cloud-init, takes the label from. */
export function blkid(image: Uint8Array): string {
  return withFile(image, (path) => run('blkid', ['-p', '-o', 'export', path]));
}

/** xorriso takes Rock Ridge names where an image has them, unless it is told not to. */
export function xorrisoExtract(image: Uint8Array, tree: 'Rock Ridge' | 'Joliet'): Extracted {
  const readFs = tree === 'Joliet' ? 'norock' : 'nojoliet';
  return withFile(image, (path) => {
    const out = `${path}.out`;
    run('xorriso', ['-read_fs', readFs, '-osirrox', 'on', '-indev', path, '-extract', '/', out]);
    const names = readdirSync(out);
    const attributes = ['.', ...names].map((name) => {
      const { mode, mtime } = statSync(join(out, name));
      return [name, { mode: mode & 0o7777, modifiedAt: mtime }] as const;
    });
    // Without Rock Ridge the directory comes out read-only, and could not be cleared away.
    chmodSync(out, 0o700);
    return {
      files: new Map(names.map((name) => [name, readFileSync(join(out, name), 'latin1')])),
      attributes: new Map(attributes),
    };
  });
}

function withFile<T>(image: Uint8Array, judge: (path: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'iso9660-'));
  try {
    const path = join(directory, 'image.iso');
    writeFileSync(path, image);
    return judge(path);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** A reader that an image leads in circles shall fail the test, not stop it. */
const TIMEOUT_MS = 20_000;

function run(command: string, args: readonly string[]): string {
  const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  const env = { ...process.env, PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC' };
  return execFileSync(command, args, {
    encoding: 'utf8',
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
  });
}
