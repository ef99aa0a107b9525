// Writes what is made from the schema: the JSON Schema for editors and docs/config.md. A test says when they are stale.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';

const made = {
  'schema/vm.schema.json': ['schema'],
  'schema/list.schema.json': ['schema', 'list'],
  'docs/config.md': ['schema', '-o', 'markdown'],
};
for (const [file, args] of Object.entries(made)) {
  mkdirSync(file.slice(0, file.lastIndexOf('/')), { recursive: true });
  writeFileSync(file, execFileSync(process.execPath, ['dist/plow.cjs', ...args]));
}
