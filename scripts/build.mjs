// Makes dist/: plow.cjs, which the shell runs, program.cjs with the chunks of the program, V8's code cache of
// each chunk, and the source maps of both files, which are read where a bug is told.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, resolve } from 'node:path';
import { build, transform } from 'esbuild';

// Built beside dist/ and swapped in, so that a plow that starts meanwhile finds all its files.
const staging = resolve(`dist.${process.pid}`);
const old = `${staging}.old`;
const target = { platform: 'node', target: 'node20', minifySyntax: true, minifyWhitespace: true };
const bundled = {
  ...target,
  outdir: staging,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  sourcesContent: false,
};

await build({ ...bundled, entryPoints: { plow: 'src/start.ts' }, format: 'cjs', sourcemap: 'external' });
await chmod(`${staging}/plow.cjs`, 0o755);
const END = Buffer.from('\n');
const { Chunks, INDEX, WRAPPER } = createRequire(import.meta.url)(`${staging}/plow.cjs`);

/** commander loads it for subcommands that are programs of their own; plow has none. */
const withoutChildProcess = {
  name: 'without-child-process',
  setup({ onResolve, onLoad }) {
    const namespace = 'nothing';
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes('/node_modules/commander/') ? { path: 'child_process', namespace } : undefined,
    );
    onLoad({ filter: /./, namespace }, () => ({ contents: '' }));
  },
};

/** What `plow vnc --web` gives a browser: noVNC and a page's script, as the text of one module. */
const vncPage = {
  name: 'vnc-page',
  setup({ onResolve, onLoad }) {
    const namespace = 'vnc-page';
    onResolve({ filter: /^plow:vnc-page$/ }, () => ({ path: 'web/vnc-page.js', namespace }));
    onLoad({ filter: /./, namespace }, async ({ path }) => {
      const { outputFiles } = await build({
        entryPoints: [path],
        bundle: true,
        format: 'esm',
        target: 'es2022',
        minify: true,
        // Of noVNC, which asks for it.
        legalComments: 'inline',
        write: false,
      });
      return { contents: outputFiles[0].text, loader: 'text' };
    });
  },
};

/** Of which commit the program is, `-dirty` behind it where files differ from it; empty outside of a repository. */
function commit() {
  const words = ['describe', '--always', '--dirty', '--exclude=*', '--abbrev=12'];
  const { status, stdout } = spawnSync('git', words, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : '';
}

/**
 * esbuild splits modules only: each chunk is made CommonJS afterwards, and `import()` a `require` that waits
 * for nothing.
 */
async function chunksOfProgram() {
  const { outputFiles } = await build({
    ...bundled,
    entryPoints: { main: 'src/main.ts', versions: 'src/startup/versions.ts' },
    define: { PLOW_COMMIT: JSON.stringify(commit()) },
    format: 'esm',
    splitting: true,
    external: ['koffi'],
    plugins: [withoutChildProcess, vncPage],
    // Read by the transformation, which makes one map of both.
    sourcemap: 'inline',
    write: false,
  });
  const commonJs = {
    ...target,
    format: 'cjs',
    supported: { 'dynamic-import': false },
    sourcemap: 'external',
    sourcesContent: false,
  };
  return Promise.all(
    outputFiles.map(async ({ path, text }) => {
      const { code, map } = await transform(text, commonJs);
      return { name: basename(path), bytes: Buffer.from(WRAPPER.join(code), 'latin1'), map: JSON.parse(map) };
    }),
  );
}

/** Where each chunk is in its file, as src/startup/chunks.ts reads it. */
function placesOf(chunks) {
  let offset = 0;
  let line = 1;
  return chunks.map(({ bytes }) => {
    const place = [offset, bytes.length, line];
    offset += bytes.length + END.length;
    line += bytes.filter((byte) => byte === END[0]).length + 1;
    return place;
  });
}

/** One file of many chunks, with an index at its top. */
function fileOf(id, chunks) {
  const places = placesOf(chunks);
  const named = Object.fromEntries(chunks.map(({ name }, at) => [name, places[at]]));
  const index = JSON.stringify({ build: id, places: named });
  const first = Buffer.from(`${INDEX.start}${String(index.length).padStart(INDEX.digits)}${index}`);
  return Buffer.concat([first, ...chunks.map(({ bytes }) => bytes)].flatMap((part) => [part, END]));
}

/** The source map of such a file. */
function mapOf(chunks) {
  const places = placesOf(chunks);
  const sections = chunks.map(({ map }, at) => ({
    offset: { line: places[at][2], column: WRAPPER[0].length },
    map,
  }));
  return JSON.stringify({ version: 3, sections });
}

const chunks = await chunksOfProgram();
const id = createHash('sha256')
  .update(Buffer.concat(chunks.map(({ bytes }) => bytes)))
  .digest('hex');
await writeFile(`${staging}/program.cjs`, fileOf(id, chunks));
await writeFile(`${staging}/program.cjs.map`, mapOf(chunks));

// By the same name wherever it is built, so that with --random-seed of node two builds are equal byte for byte.
const program = new Chunks(`${staging}/program.cjs`, '/plow/program.cjs');
const vm = 'examples/simple-vm.yaml';
await program.load('main.cjs').warmUp(vm, await readFile(vm, 'utf8'), 'examples/config/plow.yaml');
for (const { name } of chunks) program.load(name);
const caches = [...program.scripts].map(([name, script]) => ({ name, bytes: script.createCachedData() }));
await writeFile(`${staging}/program.cjs.cache`, fileOf(id, caches));

await rename('dist', old).catch((error) => {
  if (error.code !== 'ENOENT') throw error;
});
await rename(staging, 'dist');
await rm(old, { recursive: true, force: true });
