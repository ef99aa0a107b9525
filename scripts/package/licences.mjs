// Whose work a package has in it, and on what terms.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { nodeOf, NODE_VERSION } from './sources.mjs';

const LICENCE = /^licen[cs]e/iu;

/** Its licence file, else what it says of itself. */
function licenceIn(directory) {
  const file = readdirSync(directory).find((name) => LICENCE.test(name));
  if (file !== undefined) return readFileSync(join(directory, file), 'utf8').trim();
  const { license, author } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  if (typeof license !== 'string') throw new Error(`${directory} has no licence`);
  return `License: ${license}\nAuthor: ${typeof author === 'string' ? author : author?.name}`;
}

/** Directories of the packages that are bundled into the program. */
async function bundled() {
  const { metafile } = await build({
    entryPoints: ['src/start.ts', 'src/main.ts', 'web/vnc-page.js'],
    bundle: true,
    metafile: true,
    write: false,
    outdir: 'unused',
    platform: 'node',
    format: 'esm',
    external: ['koffi', 'plow:vnc-page'],
    logLevel: 'error',
  });
  const found = Object.keys(metafile.inputs).map(
    (input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/u.exec(input)?.[0],
  );
  return [...new Set(found.filter((one) => one !== undefined))].toSorted();
}

/** Name, version and licence of what is bundled in plow, and of koffi. */
export async function parts() {
  return [...(await bundled()), 'node_modules/koffi'].map((directory) => {
    const { name, version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    return { name, version, license, text: licenceIn(directory) };
  });
}

/** Of plow, of what is bundled in it, of koffi and of node, one after the other. @param bundle as of parts() */
export function licencesOf(bundle) {
  return [
    { title: 'plow', text: readFileSync('LICENSE', 'utf8').trim() },
    ...bundle.map(({ name, version, text }) => ({ title: `${name} ${version}`, text })),
    { title: `Node.js ${NODE_VERSION}`, text: licenceIn(nodeOf('amd64')) },
  ];
}
