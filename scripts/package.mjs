// `npm run package [-- KIND...] [-- --arch ARCH]`: builds packages/: a .deb and a .rpm with a node of their
// own, an npm tarball, and a list of what is in them (SBOM). Kinds: deb, rpm, npm, sbom. Architectures: amd64,
// arm64. Needs dpkg-deb, rpmbuild (of Debian's rpm) and strip (binutils; for arm64
// binutils-aarch64-linux-gnu).
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { makeDeb } from './package/deb.mjs';
import { licencesOf, parts } from './package/licences.mjs';
import { makeRpm } from './package/rpm.mjs';
import { ARCHITECTURES, built, changed, release } from './package/sources.mjs';
import { makeSbom } from './package/sbom.mjs';
import { layTree } from './package/tree.mjs';

const KINDS = ['deb', 'rpm', 'npm', 'sbom'];
const MAINTAINER = 'the plow maintainers <maintainers@plow.example>';
/** Directories of the packages' own, with all that is in them. */
const OWN = ['usr/lib/plow', 'usr/share/plow', 'usr/share/doc/plow', 'usr/share/licenses/plow'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { arch: { type: 'string', default: 'amd64' }, out: { type: 'string', default: 'packages' } },
});
const { arch } = values;
const kinds = positionals.length > 0 ? positionals : KINDS;
const unknown = kinds.find((kind) => !KINDS.includes(kind));
if (unknown !== undefined) throw new Error(`no package ${unknown}: ${KINDS.join(', ')}`);
if (!(arch in ARCHITECTURES))
  throw new Error(`no architecture ${arch}: ${Object.keys(ARCHITECTURES).join()}`);

const out = resolve(values.out);
const work = mkdtempSync(join(tmpdir(), 'plow-package-'));
try {
  mkdirSync(out, { recursive: true });
  for (const file of await make(kinds)) console.log(file);
} finally {
  rmSync(work, { recursive: true });
}

async function make(wanted) {
  const made = [];
  const given = release();
  for (const line of changed()) console.error(`note: not as in the commit: ${line}`);
  const program = built();
  if (wanted.includes('npm')) made.push(tarball());
  const bundle = await parts();
  if (wanted.includes('sbom')) made.push(makeSbom(out, bundle, given));
  for (const kind of ['deb', 'rpm'].filter((one) => wanted.includes(one))) {
    const root = join(work, kind);
    mkdirSync(root);
    layTree(root, { kind, arch, program, licences: licencesOf(bundle) });
    const details = { arch, release: given, maintainer: MAINTAINER, ...entriesOf(root) };
    made.push(kind === 'deb' ? makeDeb(root, out, details) : makeRpm(root, out, work, details));
  }
  return made;
}

function tarball() {
  const words = ['pack', '--silent', '--ignore-scripts', '--pack-destination', out];
  return join(out, execFileSync('npm', words, { encoding: 'utf8' }).trim());
}

function isOwn(path) {
  return OWN.some((own) => path === own || path.startsWith(`${own}/`));
}

/** Files and links, and directories that are the package's own, by their paths below it. */
function entriesOf(root) {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).map((entry) => ({
    path: join(entry.parentPath, entry.name).slice(root.length + 1),
    isDirectory: entry.isDirectory(),
  }));
  const paths = (isWanted) =>
    entries
      .filter(isWanted)
      .map(({ path }) => path)
      .toSorted();
  return {
    files: paths(({ isDirectory }) => !isDirectory),
    directories: paths(({ path, isDirectory }) => isDirectory && isOwn(path)),
  };
}
