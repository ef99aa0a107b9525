// Brings a package of npm's registry, as it was when its digest was written down.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const CACHE = resolve('node_modules/.cache/package');

const DIGEST_CHARACTERS = 24;

/** @returns the directory that it is unpacked in; once for each digest, which its name tells */
export function fetched({ name, version, integrity }) {
  const known = integrity.replaceAll(/\W/gu, '').slice(0, DIGEST_CHARACTERS);
  const directory = join(CACHE, `${name.replace('/', '-')}-${version}-${known}`);
  if (existsSync(directory)) return directory;
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, 'work-'));
  try {
    execFileSync('npm', ['pack', '--silent', '--pack-destination', work, `${name}@${version}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [file = ''] = readdirSync(work);
    const digest = `sha512-${createHash('sha512')
      .update(readFileSync(join(work, file)))
      .digest('base64')}`;
    if (digest !== integrity)
      throw new Error(`${name}@${version} has the digest ${digest}, not ${integrity}`);
    execFileSync('tar', ['--no-same-owner', '-xzf', file], { cwd: work });
    renameSync(join(work, 'package'), directory);
  } finally {
    rmSync(work, { recursive: true });
  }
  return directory;
}
