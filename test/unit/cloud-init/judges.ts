import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../run.ts';

/** Debian 12's cloud-init, 22.4. */
const CLOUD_INIT = fileURLToPath(new URL('../../lab/cloud-init.sh', import.meta.url));

const NETPLAN = fileURLToPath(new URL('../../lab/netplan.sh', import.meta.url));

/** Python takes a second or two to start on a busy machine. */
export const JUDGE_MS = 60_000;
/** The first time, the package is downloaded. */
export const UNPACK_MS = 300_000;

export async function unpackCloudInit(): Promise<void> {
  await run(CLOUD_INIT, ['--version']);
}

export const RENDERERS = ['netplan', 'eni', 'networkd', 'network-manager'] as const;

export type Renderer = (typeof RENDERERS)[number];

/** What cloud-init says of a user-data document; throws its diagnostic. */
export function checkUserData(text: string): Promise<string> {
  return withDirectory(async (directory) => {
    const path = join(directory, 'user-data');
    await writeFile(path, text);
    const verdict = await run(CLOUD_INIT, ['schema', '--config-file', path]);
    return verdict.replace(path, 'user-data').trim();
  });
}

/** The files that cloud-init would configure a guest's network with, as one text; throws its diagnostic. */
export function renderNetwork(networkConfig: string, renderer: Renderer): Promise<string> {
  return withDirectory(async (directory) => {
    const path = join(directory, 'network-config');
    const out = join(directory, 'out');
    await writeFile(path, networkConfig);
    const input = ['--network-data', path, '--kind', 'yaml', '--distro', 'debian'];
    await run(CLOUD_INIT, ['devel', 'net-convert', ...input, '--directory', out, '--output-kind', renderer]);
    const entries = await readdir(out, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
    const texts = await Promise.all(files.toSorted().map((file) => readFile(file, 'utf8')));
    return texts.join('\n');
  });
}

/** The units of systemd-networkd that netplan makes of it in the guest, by name; throws its diagnostic. */
export function generateUnits(networkConfig: string): Promise<Readonly<Record<string, string>>> {
  return withDirectory(async (directory) => {
    const path = join(directory, 'network-config');
    await writeFile(path, networkConfig);
    const input = ['--network-data', path, '--kind', 'yaml', '--distro', 'ubuntu'];
    await run(CLOUD_INIT, [
      'devel',
      'net-convert',
      ...input,
      '--directory',
      directory,
      '--output-kind',
      'netplan',
    ]);
    await run(NETPLAN, [directory]);
    const units = join(directory, 'run/systemd/network');
    const names = (await readdir(units)).toSorted();
    return Object.fromEntries(
      await Promise.all(
        names.map(async (name) => [name, await readFile(join(units, name), 'utf8')] as const),
      ),
    );
  });
}

/** Documents as PyYAML reads them, which cloud-init does. */
export async function readByPython(documents: readonly string[]): Promise<readonly unknown[]> {
  const program =
    'import json,sys,yaml; print(json.dumps([yaml.safe_load(d) for d in json.loads(sys.argv[1])], default=repr))';
  const read: unknown[] = JSON.parse(
    await run('/usr/bin/python3', ['-c', program, JSON.stringify(documents)]),
  );
  return read;
}

async function withDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'cloud-init-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}
