// Bundles the program into dist/: plow.cjs, which the shell runs, and program.cjs with V8's code cache beside it.
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { build } from 'esbuild';

// Built beside dist/ and swapped in, so that a plow that starts meanwhile finds all its files.
const staging = resolve(`dist.${process.pid}`);
await build({
  entryPoints: { plow: 'src/start.ts', program: 'src/main.ts' },
  outdir: staging,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  external: ['koffi'],
  legalComments: 'linked',
});
await chmod(`${staging}/plow.cjs`, 0o755);

const { loadProgram } = createRequire(import.meta.url)(`${staging}/plow.cjs`);
const { program, script } = loadProgram(`${staging}/program.cjs`);
await program.warmUp(await readFile('examples/simple-vm.yaml', 'utf8'));
await writeFile(`${staging}/program.cjs.cache`, script.createCachedData());

await rm('dist', { recursive: true, force: true });
await rename(staging, 'dist');
