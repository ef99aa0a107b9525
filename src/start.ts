#!/usr/bin/env node
import { join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { Chunks } from './startup/chunks.ts';
import type * as Program from './main.ts';

/**
 * What the shell runs. It is built as CommonJS, which node starts faster than a module, and does only what
 * must be done before the program is loaded: answer `--version`, and load the program, of which
 * scripts/build.mjs makes chunks.
 */

export { Chunks, INDEX, WRAPPER } from './startup/chunks.ts';

const argv = process.argv.slice(2);
if (require.main === module) {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    process.stdout.on('error', (error) => {
      process.exitCode = 1;
      const why = error.message.replace(/^[A-Z\d]+: (.*), \w+$/u, '$1');
      process.stderr.write(`error: the output could not be written: ${why} (standard output)\n`);
    });
    process.stdout.write(`${packageJson.version}\n`);
  } else {
    const program = new Chunks(join(__dirname, 'program.cjs')).load('main.cjs') as typeof Program;
    void program.main(argv);
  }
}
