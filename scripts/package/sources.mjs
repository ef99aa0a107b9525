// What a package is made of: the release, node, koffi, and the program as that node builds it.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fetched } from './fetch.mjs';

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const { node } = read(new URL('pinned.json', import.meta.url));

/** Names of an architecture, as Debian, RPM, npm and binutils have them. */
export const ARCHITECTURES = {
  amd64: { rpm: 'x86_64', npm: 'x64', strip: 'x86_64-linux-gnu-strip' },
  arm64: { rpm: 'aarch64', npm: 'arm64', strip: 'aarch64-linux-gnu-strip' },
};
export const NODE_VERSION = node.version;

/** The node that is shipped, as its makers built it. */
export function nodeOf(arch) {
  const { package: name, integrity } = node[arch];
  return fetched({ name, version: node.version, integrity });
}

/** koffi's native part, of the version that the lockfile has. */
export function koffiOf(arch) {
  const name = `@koromix/koffi-linux-${ARCHITECTURES[arch].npm}`;
  const { version, integrity } = read('package-lock.json').packages[`node_modules/${name}`];
  return fetched({ name, version, integrity });
}

/** What of a folder belongs to the project: files that were put there by hand get into no package. */
export function filesOf(folder) {
  return git('ls-files', '-z', folder).split('\0').filter(Boolean);
}

/** What differs from the commit, and gets into a package all the same. */
export function changed() {
  return git('status', '--porcelain').split('\n').filter(Boolean);
}

/** As dpkg and rpm sort it: a version that comes before another is written with `~`. */
export function sortable(version) {
  return version.replace('-', '~');
}

/** Of the version: what is built now, at the time of the commit, so that anyone can build the same. */
export function release() {
  const { version, description, homepage } = read('package.json');
  const time = process.env.SOURCE_DATE_EPOCH ?? git('log', '-1', '--format=%ct');
  return { version, description, homepage, epoch: Number(time) };
}

function git(...words) {
  return execFileSync('git', words, { encoding: 'utf8' }).trim();
}

/** Builds the program with the node that is shipped: V8 takes a code cache of its own version alone. */
export function built() {
  const binary = join(nodeOf('amd64'), 'bin/node');
  execFileSync(binary, ['--random-seed=1', 'scripts/build.mjs'], { stdio: 'inherit' });
  return { directory: resolve('dist'), run: (...words) => ran(binary, ['dist/plow.cjs', ...words]) };
}

function ran(command, words) {
  return execFileSync(command, words, { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
}

/** node without the symbols that only a debugger reads. */
export function stripNode(arch, target) {
  const binary = join(nodeOf(arch), 'bin/node');
  const kept = `${binary}-stripped`;
  if (!existsSync(kept)) {
    const work = `${kept}.${process.pid}`;
    execFileSync(ARCHITECTURES[arch].strip, ['--strip-all', '-o', work, binary], { stdio: 'inherit' });
    renameSync(work, kept);
  }
  copyFileSync(kept, target);
}
