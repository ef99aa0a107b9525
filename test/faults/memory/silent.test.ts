import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../../../src/libvirt/connect.ts';
import { startLab } from '../../lab/lab.ts';
import type { Lab } from '../../lab/lab.ts';
import { DOMAIN_GET_XML_DESC, relay } from '../../lab/relay.ts';
import { pace } from '../../pace.ts';
import { serverDomain } from './calls.ts';

/** What the process tells of a line. */
interface Told {
  /** Of each call that was under way, whether it was told that the line broke. */
  readonly told: readonly boolean[];
  readonly isClosed: boolean;
  /** From the questions to the end. */
  readonly milliseconds: number;
}

let lab: Lab;
let folder: string;

beforeAll(async () => {
  lab = await startLab();
  const { hypervisor, close } = await connect(lab.uri('h1'));
  await hypervisor.defineDomain(serverDomain('vm0'));
  await close();
  folder = await mkdtemp(join(tmpdir(), 'plow-silent-'));
  await build({
    entryPoints: [join(import.meta.dirname, 'silent-line.ts')],
    outfile: join(folder, 'silent-line.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['koffi'],
  });
});

afterAll(async () => {
  await lab.stop();
  await rm(folder, { recursive: true });
});

it.each([
  ['a batch', 'batch', 2],
  ['calls of a line to elsewhere, of one each', 'calls', 3],
])(
  'a line that falls silent under %s fails all of it in time, also what libvirt never ends, and is closed without waiting for that',
  async (_, how, count) => {
    const path = `/tmp/${lab.name}/relay-${how}`;
    const target = `/tmp/${lab.name}/h1/run/libvirt/libvirt-sock`;
    const line = await relay(path, target, { procedure: DOMAIN_GET_XML_DESC, nth: 1 });
    const env = { ...process.env, NODE_PATH: resolve('node_modules') };
    const words = [join(folder, 'silent-line.cjs'), path, how];
    const { stdout } = await promisify(execFile)(process.execPath, words, { env });
    await line.stop();
    const { told, isClosed, milliseconds } = JSON.parse(stdout) as Told;
    expect({ told, isClosed }).toEqual({ told: Array.from({ length: count }, () => true), isClosed: false });
    expect(milliseconds).toBeLessThan(10_000 + 1000 * pace());
  },
);
