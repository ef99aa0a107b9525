// Writes what is made from the program itself: JSON Schemas, docs/vm-file-reference.md, the man page, and the
// tables of README and docs/. A test says when they are stale.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const plow = (...args) => execFileSync(process.execPath, ['dist/plow.cjs', ...args], { encoding: 'utf8' });

const made = {
  'schema/vm.schema.json': ['schema'],
  'schema/images-lock.schema.json': ['schema', 'images-lock'],
  'schema/network.schema.json': ['schema', 'network'],
  'schema/list.schema.json': ['schema', 'list'],
  'schema/top.schema.json': ['schema', 'top'],
  'schema/show.schema.json': ['schema', 'show'],
  'schema/log.schema.json': ['schema', 'log'],
  'schema/result.schema.json': ['schema', 'result'],
  'schema/error.schema.json': ['schema', 'error'],
  'schema/plan.schema.json': ['schema', 'plan'],
  'schema/render.schema.json': ['schema', 'render'],
  'schema/diff.schema.json': ['schema', 'diff'],
  'schema/apply.schema.json': ['schema', 'apply'],
  'schema/destroy-plan.schema.json': ['schema', 'destroy-plan'],
  'schema/gc.schema.json': ['schema', 'gc'],
  'schema/validate.schema.json': ['schema', 'validate'],
  'schema/doctor.schema.json': ['schema', 'doctor'],
  'schema/config.schema.json': ['schema', 'config'],
  'schema/hosts.schema.json': ['schema', 'hosts'],
  'schema/host.schema.json': ['schema', 'host'],
  'schema/image.schema.json': ['schema', 'image'],
  'schema/image-catalog.schema.json': ['schema', 'image-catalog'],
  'schema/image-outdated.schema.json': ['schema', 'image-outdated'],
  'schema/image-update.schema.json': ['schema', 'image-update'],
  'schema/network-status.schema.json': ['schema', 'network-status'],
  'schema/next-address.schema.json': ['schema', 'next-address'],
  'schema/snapshot.schema.json': ['schema', 'snapshot'],
  'docs/vm-file-reference.md': ['schema', '-o', 'markdown'],
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
for (const page of ['README.md', 'docs/settings.md', 'docs/output-formats.md']) {
  const text = readFileSync(page, 'utf8');
  writeFileSync(
    page,
    text.replaceAll(block, (_, name) => tables.get(name)),
  );
}
