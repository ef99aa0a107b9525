#!/usr/bin/env node
import { join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { Chunks } from './startup/chunks.ts';
import type * as Program from './main.ts';
import type * as Versions from './startup/versions.ts';

/**
 * What the shell runs. It is built as CommonJS, which node starts faster than a module, and does only what
 * must be done before the program is loaded: answer `--version`, and load the program, of which
 * scripts/build.mjs makes chunks.
 */

export { Chunks, INDEX, WRAPPER } from './startup/chunks.ts';

function print(text: string): void {
  process.stdout.on('error', (error) => {
    process.exitCode = 1;
    const why = error.message.replace(/^[A-Z\d]+: (.*), \w+$/u, '$1');
    process.stderr.write(`error: the output could not be written: ${why} (standard output)\n`);
  });
  process.stdout.write(text);
}

function chunks(): Chunks {
  return new Chunks(join(__dirname, 'program.cjs'));
}

const argv = process.argv.slice(2);
if (require.main === module) {
  const [asked = '', ...others] = argv.filter((word) => word !== '--verbose');
  const isVersion = ['--version', '-V'].includes(asked) && others.length === 0;
  if (isVersion && argv.length === 1) {
    print(`${packageJson.version}\n`);
  } else if (isVersion && argv.length === 2) {
    const { versionsOf } = chunks().load('versions.cjs') as typeof Versions;
    print(versionsOf(packageJson.version, process.versions.node));
  } else {
    void (chunks().load('main.cjs') as typeof Program).main(argv);
  }
}
