// Bundles src/main.ts into dist/, split at its lazy imports: `plow --help` then loads what help needs and no more.
import { chmod, rename, rm } from 'node:fs/promises';
import { build } from 'esbuild';

// Built beside dist/ and swapped in, so that a plow that runs meanwhile finds its chunks.
const staging = `dist.${process.pid}`;
await build({
  entryPoints: ['src/main.ts'],
  outdir: staging,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  external: ['koffi'],
  chunkNames: 'chunks/[name]-[hash]',
  // Dependencies in CommonJS call require(); an ES module has none of its own.
  banner: {
    js: "import{createRequire as plowCreateRequire}from'node:module';const require=plowCreateRequire(import.meta.url);",
  },
  legalComments: 'linked',
});
await chmod(`${staging}/main.js`, 0o755);
await rm('dist', { recursive: true, force: true });
await rename(staging, 'dist');
