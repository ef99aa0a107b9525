import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { hostKeysOf } from './documents.ts';
import type { Documents, Schema } from './documents.ts';
import { expectedSeed } from './expected.ts';
import { valuesOf } from './xml-shape.ts';

const SCHEMAS = '/usr/share/libvirt/schemas';
const READER = fileURLToPath(new URL('read-documents.py', import.meta.url));

interface Claim {
  /** How to get the same file again. */
  readonly origin: string;
  readonly expected: unknown;
}

/**
 * Collects documents for judges that are slow to start: libvirt's schemas, PyYAML, expat and Ignition. Equal ones are
 * judged once.
 */
export class Judges {
  readonly #xml = new Map<string, Claim & { readonly schema: Schema | undefined }>();
  readonly #yaml = new Map<string, Claim>();
  /** Configs of Ignition, and how to get the same file again. */
  readonly #configs = new Map<string, string>();

  add({ machine, xml, seed }: Documents, origin: string): void {
    for (const { schema, text } of xml) {
      if (!this.#xml.has(text)) this.#xml.set(text, { schema, origin, expected: valuesOf(text) });
    }
    if (machine.provisioning === undefined) return;
    if (machine.provisioning.format === 'ignition') {
      for (const bytes of seed.values()) this.#configs.set(new TextDecoder().decode(bytes), origin);
      return;
    }
    const expected = expectedSeed(machine, machine.provisioning, hostKeysOf(machine));
    for (const [name, bytes] of seed) {
      this.#yaml.set(new TextDecoder().decode(bytes), { origin, expected: expected[name] });
    }
  }

  /** @returns what the judges have against the documents, with the origin of each */
  async verdicts(): Promise<readonly string[]> {
    const directory = mkdtempSync('/dev/shm/plow-judges-');
    try {
      const read = await this.#verdictsOfReaders(directory);
      const configs = await this.#verdictsOfIgnition(directory);
      const schemas = (['domain', 'storagepool', 'storagevol'] as const).map((schema) =>
        this.#verdictsOfSchema(directory, schema),
      );
      return [...read, ...configs, ...(await Promise.all(schemas)).flat()];
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  /** As virt-xml-validate does, for many documents at once. */
  async #verdictsOfSchema(directory: string, schema: Schema): Promise<readonly string[]> {
    const documents = [...this.#xml].filter(([, claim]) => claim.schema === schema);
    const paths = documents.map(([text], index) => {
      const path = join(directory, `${schema}-${index}.xml`);
      writeFileSync(path, schema === 'storagepool' ? offTheRoot(text) : text);
      return path;
    });
    if (paths.length === 0) return [];
    const said = await xmllint(['--noout', '--relaxng', join(SCHEMAS, `${schema}.rng`), ...paths]);
    return documents
      .filter((_, index) => !said.has(`${paths[index]} validates`))
      .map(([text, { origin }]) => `${origin}: libvirt's schema refuses ${text}`);
  }

  /** Nothing of a config that Ignition takes as it is, without so much as a warning. */
  async #verdictsOfIgnition(directory: string): Promise<readonly string[]> {
    const configs = [...this.#configs];
    for (const [index, [text]] of configs.entries()) writeFileSync(join(directory, `${index}.ign`), text);
    const all = `for file in ${directory}/*.ign; do ignition-validate $file > said 2>&1 && ! [ -s said ] || echo $file; done`;
    if (configs.length === 0) return [];
    const { stdout } = await promisify(execFile)('sh', ['-c', all], { cwd: directory });
    return configs
      .filter((_, index) => stdout.includes(join(directory, `${index}.ign\n`)))
      .map(([text, origin]) => `${origin}: Ignition refuses ${text}`);
  }

  async #verdictsOfReaders(directory: string): Promise<readonly string[]> {
    const input = join(directory, 'input.json');
    const output = join(directory, 'output.json');
    writeFileSync(input, JSON.stringify({ yaml: [...this.#yaml.keys()], xml: [...this.#xml.keys()] }));
    await promisify(execFile)('/usr/bin/python3', [READER, input, output]);
    const read = JSON.parse(readFileSync(output, 'utf8')) as { yaml: unknown[]; xml: unknown[] };
    return [...disagreements(this.#yaml, read.yaml), ...disagreements(this.#xml, read.xml)];
  }
}

/** libvirt opens a pool on `/`, tried with 9.0; its schema wants a name behind the slash. */
function offTheRoot(pool: string): string {
  return pool.replace('<path>/</path>', '<path>/images</path>');
}

function disagreements(claims: ReadonlyMap<string, Claim>, read: readonly unknown[]): readonly string[] {
  return [...claims].flatMap(([text, { origin, expected }], index) =>
    canonical(read[index]) === canonical(expected)
      ? []
      : [`${origin}: another reader finds ${canonical(read[index])} in ${text}`],
  );
}

/** JSON with the keys of maps in one order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** The lines that xmllint says, also where it refuses a document. */
async function xmllint(args: readonly string[]): Promise<ReadonlySet<string>> {
  const options = { maxBuffer: 2 ** 30 };
  const said = await promisify(execFile)('xmllint', args, options).catch((error: unknown) => {
    if (error instanceof Error && 'stderr' in error) return { stderr: String(error.stderr) };
    throw error;
  });
  return new Set(said.stderr.split('\n'));
}
