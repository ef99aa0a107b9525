// Writes what is made from the program itself: JSON Schemas, docs/config.md, the man page, and README's tables. A test says when
// they are stale.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const plow = (...args) => execFileSync(process.execPath, ['dist/plow.cjs', ...args], { encoding: 'utf8' });

const made = {
  'schema/vm.schema.json': ['schema'],
  'schema/list.schema.json': ['schema', 'list'],
  'schema/show.schema.json': ['schema', 'show'],
  'schema/result.schema.json': ['schema', 'result'],
  'schema/error.schema.json': ['schema', 'error'],
  'docs/config.md': ['schema', '-o', 'markdown'],
  'man/plow.1': ['help', '-o', 'man'],
};
for (const [file, args] of Object.entries(made)) {
  mkdirSync(file.slice(0, file.lastIndexOf('/')), { recursive: true });
  writeFileSync(file, plow(...args));
}

const block = /<!-- (?<name>[a-z ]+): made by npm run docs -->[^]*?<!-- end -->/gu;
const tables = new Map(
  [...plow('help', '-o', 'markdown').matchAll(block)].map(([text, name]) => [name, text]),
);
writeFileSync(
  'README.md',
  readFileSync('README.md', 'utf8').replaceAll(block, (_, name) => tables.get(name)),
);
