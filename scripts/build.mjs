// Makes dist/: plow.cjs, which the shell runs, program.cjs with the chunks of the program, and V8's code cache of each chunk.
import { createHash } from 'node:crypto';
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, resolve } from 'node:path';
import { build, transform } from 'esbuild';

// Built beside dist/ and swapped in, so that a plow that starts meanwhile finds all its files.
const staging = resolve(`dist.${process.pid}`);
const old = `${staging}.old`;
const target = { platform: 'node', target: 'node20', minifySyntax: true, minifyWhitespace: true };
const bundled = { ...target, outdir: staging, outExtension: { '.js': '.cjs' }, bundle: true };

await build({ ...bundled, entryPoints: { plow: 'src/start.ts' }, format: 'cjs' });
await chmod(`${staging}/plow.cjs`, 0o755);
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

/** esbuild splits modules only: each chunk is made CommonJS afterwards, and `import()` a `require` that waits for nothing. */
async function chunksOfProgram() {
  const { outputFiles } = await build({
    ...bundled,
    entryPoints: ['src/main.ts'],
    format: 'esm',
    splitting: true,
    external: ['koffi'],
    plugins: [withoutChildProcess],
    write: false,
  });
  const commonJs = { ...target, format: 'cjs', supported: { 'dynamic-import': false } };
  return Promise.all(
    outputFiles.map(async ({ path, text }) => {
      const { code } = await transform(text, commonJs);
      return [basename(path), Buffer.from(WRAPPER.join(code), 'latin1')];
    }),
  );
}

/** One file of many chunks, with the index that src/startup/chunks.ts reads. */
function fileOf(id, chunks) {
  const end = Buffer.from('\n');
  let offset = 0;
  let line = 1;
  const places = chunks.map(([name, bytes]) => {
    const place = [name, [offset, bytes.length, line]];
    offset += bytes.length + end.length;
    line += bytes.filter((byte) => byte === end[0]).length + 1;
    return place;
  });
  const index = JSON.stringify({ build: id, places: Object.fromEntries(places) });
  const first = Buffer.from(`${INDEX.start}${String(index.length).padStart(INDEX.digits)}${index}`);
  return Buffer.concat([first, ...chunks.map(([, bytes]) => bytes)].flatMap((part) => [part, end]));
}

const chunks = await chunksOfProgram();
const id = createHash('sha256')
  .update(Buffer.concat(chunks.map(([, bytes]) => bytes)))
  .digest('hex');
await writeFile(`${staging}/program.cjs`, fileOf(id, chunks));

const program = new Chunks(`${staging}/program.cjs`);
const vm = 'examples/simple-vm.yaml';
await program.load('main.cjs').warmUp(vm, await readFile(vm, 'utf8'), 'examples/config/plow.yaml');
for (const [name] of chunks) program.load(name);
const caches = [...program.scripts].map(([name, script]) => [name, script.createCachedData()]);
await writeFile(`${staging}/program.cjs.cache`, fileOf(id, caches));

await rename('dist', old).catch((error) => {
  if (error.code !== 'ENOENT') throw error;
});
await rename(staging, 'dist');
await rm(old, { recursive: true, force: true });
