import { deepStrictEqual } from 'node:assert/strict';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, stringify, YAMLParseError } from 'yaml';
import { tally } from '../tally.ts';
import { config, writer } from './configs.ts';
import type { Config } from './configs.ts';
import { mutant } from './mutator.ts';
import { SURPRISES } from './nasty.ts';
import { COUNT, Random, REPEAT, SEED } from './seed.ts';
import { choices, isPlain, punched, split, stream, table } from './splits.ts';
import { rendered, saidOf, TemplateFeeder } from './template-files.ts';
import type { Files } from './template-files.ts';

const CASES = Math.floor(COUNT * 0.1);

const feeder = new TemplateFeeder();
afterAll(() => feeder.close());

const plainly = (value: unknown): string => stringify(value, { lineWidth: 0 });

/** The yaml package folds some texts so that they are read as others, or cannot be read: those tell nothing. */
function isFaithful(write: (content: Config) => string, ...contents: readonly Config[]): boolean {
  return contents.every((content) => plainly(readBack(write(content))) === plainly(content));
}

function readBack(text: string): unknown {
  try {
    return parse(
      Buffer.from(text)
        .toString()
        .replace(/^\u{FEFF}/u, ''),
    );
  } catch (error) {
    if (error instanceof YAMLParseError) return undefined;
    throw error;
  }
}

/** That files made of others come to the same as one that has it all, be it right or wrong. */
async function expectAlike(whole: string, files: Files): Promise<boolean> {
  const [one, ...more] = await feeder.feed({ 'whole.yaml': whole });
  const [made, ...others] = await feeder.feed(files);
  if (one === undefined || made === undefined) throw new Error('there is one VM at least');
  expect([more, others]).toStrictEqual([[], []]);
  // A key may be called `constructor`, by which vitest tells classes apart.
  deepStrictEqual(made.written, one.written);
  expect(made.refusal).toBe(one.refusal);
  deepStrictEqual(made.machine, one.machine);
  if (one.omitted === 0) deepStrictEqual(saidOf(made), saidOf(one));
  const text = rendered(made);
  if (text === undefined) return false;
  deepStrictEqual(parse(`${text}\n`, { version: '1.2', schema: 'core' }), made.written);
  return one.refusal === undefined;
}

describe('any VM file', () => {
  it(`in two, by extends, is the same file (${REPEAT})`, { timeout: 600_000 }, async () => {
    let sound = 0;
    const property = fc.asyncProperty(config, writer, choices, async (content, write, ways) => {
      fc.pre(isPlain(content));
      const { base, child } = split(content, stream(ways));
      fc.pre(isFaithful(write, content, base, child));
      const files = { 'vm.yaml': write({ extends: 'base.yaml', ...child }), 'base.yaml': write(base) };
      if (await expectAlike(write(content), files)) sound += 1;
    });
    await fc.assert(property, { seed: SEED, numRuns: CASES, endOnFailure: true });
    tally('YAMLs tried', CASES);
    expect(sound / CASES).toBeGreaterThan(0.25);
  });

  it.each(['list', 'table'] as const)(
    `with values in a %s is the same file (${REPEAT})`,
    { timeout: 600_000 },
    async (kind) => {
      let sound = 0;
      const property = fc.asyncProperty(config, writer, choices, async (content, write, ways) => {
        fc.pre(isPlain(content));
        const { template, row } = punched(content, kind, stream(ways));
        const all = [content, { ...template, each: [row] }];
        fc.pre(isFaithful(write, ...all) && isFaithful(write, template));
        const isEmpty = Object.keys(row).length === 0;
        const files: Files = isEmpty
          ? { 'vm.yaml': write({ ...template, count: 1 }) }
          : kind === 'list'
            ? { 'vm.yaml': write({ ...template, each: [row] }) }
            : { 'vm.yaml': write({ ...template, each: 'rows.csv' }), 'rows.csv': table(row) };
        if (await expectAlike(write(content), files)) sound += 1;
      });
      await fc.assert(property, { seed: SEED, numRuns: CASES, endOnFailure: true });
      tally('YAMLs tried', CASES);
      expect(sound / CASES).toBeGreaterThan(0.25);
    },
  );
});

const VM =
  'name: "{name}"\nvcpus: "{cpus}"\nmemory_gib: 2\nboot_disk:\n  image: /img/a\n  size_gb: 20\ntags: [a, "{n}"]\n';
const NIC = 'network_interfaces:\n  - { ip: 10.20.30.70/24, gateway: 10.20.30.1, bridge: br0 }\n';
const TEMPLATES: readonly string[] = [
  `extends: b.yaml\n${VM}${NIC}each: c.csv\n`,
  `extends: b.yaml\nname: web-{n}\n+tags: [x]\nmemory_gib: null\nmemory_mib: 512\ncount: 3\n`,
  `extends: b.yaml\nname: web-1\n---\nextends: b.yaml\nname: web-2\n${NIC.replace('70', '{index}0')}`,
  `${VM}${NIC}each: d.yaml\nvnc: { password_file: "{cpus}" }\n`,
  `each:\n  - { name: a, cpus: 1 }\n  - &x { name: b, cpus: 2 }\n  - *x\n${VM}${NIC}`,
];
const BASES: readonly string[] = [`${VM}${NIC}`, `extends: a.yaml\n${VM}`, `each: c.csv\n${VM}${NIC}`, NIC];
const TABLES: readonly string[] = [
  'name,cpus,password\nweb,2,x\n"db",4,"a ""b"""\n',
  ' name , cpus\r\nweb,2\r\n',
  '',
];
const LISTS: readonly string[] = ['- { name: a, cpus: 1 }\n- { name: b, cpus: 0x2 }\n', '[]', '{ name: a }'];
const KEYS: readonly string[] = [
  'name',
  'each.0.name',
  'count',
  'each',
  'tags',
  'boot_disk',
  '__proto__.a',
  '',
  'a..b',
];

describe('templates with mistakes of any kind', () => {
  it(`are made, or told of with fit words (${REPEAT})`, { timeout: 600_000 }, async () => {
    const failures: string[] = [];
    for (let tried = 0; tried < CASES * 3 && failures.length < 5; tried += 1) {
      const random = new Random(SEED, tried);
      const some = (texts: readonly string[]): string =>
        random.below(2) === 0 ? random.pick(texts) : mutant(random, texts).toString('latin1');
      const files = {
        'a.yaml': some(TEMPLATES),
        'b.yaml': some(BASES),
        'c.csv': some(TABLES),
        'd.yaml': some(LISTS),
      };
      const set = random.below(4) === 0 ? [`${random.pick(KEYS)}=${random.pick(SURPRISES)}{n}`] : [];
      try {
        for (const one of await feeder.feed(files, set)) rendered(one);
      } catch (error) {
        failures.push(`case ${tried}, ${String(error)}, of ${JSON.stringify([files, set])}`);
      }
    }
    tally('YAMLs tried', CASES * 3);
    expect(failures, `repeat with ${REPEAT}`).toStrictEqual([]);
  });
});
