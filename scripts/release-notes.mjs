// release-notes.mjs TAG: prints what CHANGELOG.md says of a release; ends with 1 where the tag is not that of
// the version in package.json, or nothing is said of it.
import { readFileSync } from 'node:fs';

const [tag] = process.argv.slice(2);
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
if (tag !== `v${version}`) throw new Error(`the tag is ${tag}, and package.json has the version ${version}`);
const sections = readFileSync('CHANGELOG.md', 'utf8').split(/^## /mu);
const own = sections.find((section) => section.startsWith(`[${version}]`));
if (own === undefined) throw new Error(`CHANGELOG.md has no section [${version}]`);
process.stdout.write(`${own.slice(own.indexOf('\n') + 1).trim()}\n`);
