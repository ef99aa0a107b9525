#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import packageJson from '../package.json' with { type: 'json' };
import type * as Program from './main.ts';

/**
 * What the shell runs. It is built as CommonJS, which node starts faster than a module, and does only what must be done
 * before the program is loaded: answer `--version`, and load the program from V8's code cache.
 */

const THREADS = '66';

/** Compiled in the form that node gives CommonJS modules; scripts/build.mjs must cache the same text. */
const wrap = (source: string): string =>
  `(function (exports, require, module, __filename, __dirname) {${source}\n})`;

type Wrapped = (
  exports: object,
  require: NodeJS.Require,
  module: { exports: object },
  file: string,
  directory: string,
) => void;

/** Without a cache, or with one of another version of node (which V8 refuses), the program is compiled as usual. */
function readCache(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

export function loadProgram(file: string): { readonly program: typeof Program; readonly script: Script } {
  const cachedData = readCache(`${file}.cache`);
  const script = new Script(wrap(readFileSync(file, 'utf8')), {
    filename: file,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const module = { exports: {} };
  const wrapped = script.runInThisContext() as Wrapped;
  wrapped(module.exports, createRequire(file), module, file, dirname(file));
  return { program: module.exports as typeof Program, script };
}

const argv = process.argv.slice(2);
if (require.main === module) {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    process.stdout.on('error', (error) => {
      process.exitCode = 1;
      process.stderr.write(`error: cannot write the output: ${error.message}\n`);
    });
    process.stdout.write(`${packageJson.version}\n`);
  } else {
    // libvirt's event loop keeps one thread, and calls that overlap need the others (OVERLAP in libvirt/connection.ts). Read
    // when the first is started.
    process.env['UV_THREADPOOL_SIZE'] ??= THREADS;
    void loadProgram(join(__dirname, 'program.cjs')).program.main(argv);
  }
}
