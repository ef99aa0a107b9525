import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HypervisorError } from '../../../src/errors/hypervisor-error.ts';
import { connect } from '../../../src/libvirt/connect.ts';
import type { OpenHypervisor } from '../../../src/libvirt/connect.ts';
import { startLab } from '../../lab/lab.ts';
import type { Lab } from '../../lab/lab.ts';
import { CALLS, needed, POOL, serverDomain, serverVolume } from './calls.ts';
import type { Things } from './calls.ts';

const EACH = Object.entries(CALLS).flatMap(([kind, calls]) =>
  Object.entries(calls).map(([name, call]) => ({ kind, name, call })),
);

let lab: Lab;
/** Makes what the others use, and takes it away from under them. */
let maker: OpenHypervisor;

beforeAll(async () => {
  lab = await startLab();
  maker = await connect(lab.uri('h1'));
});

afterAll(async () => {
  await maker.close();
  await lab.stop();
});

async function make({ hypervisor }: OpenHypervisor): Promise<Things> {
  const domain = await hypervisor.defineDomain(serverDomain('memory'));
  const pool = await hypervisor.startPool(POOL, { build: true });
  const volume = await pool.createVolume(serverVolume('a', 1_000_000));
  return { hypervisor, domain, pool, volume };
}

async function remove({ domain, pool, volume }: Things): Promise<void> {
  await volume.delete();
  await pool.stop();
  await domain.undefine();
}

/** The same things, through another connection. */
async function find({ hypervisor }: OpenHypervisor): Promise<Things> {
  const domain = await needed(hypervisor.findDomain('memory'));
  const pool = await needed(hypervisor.findPoolByPath('/var/lib/libvirt/images/memory'));
  const volume = await needed(pool.findVolume('a'));
  return { hypervisor, domain, pool, volume };
}

/** By what there is to tell: of a domain that is gone nothing. */
const ANSWERED = new Set(['seenAddresses', 'diskSizes', 'missingFiles', 'traffic', 'bytesRead']);

describe('nothing is left by a call that fails since the thing is gone', () => {
  it.each(EACH)('$kind $name', async ({ kind, name, call }) => {
    const made = await make(maker);
    const open = await connect(lab.uri('h1'));
    const things = await find(open);
    await remove(made);
    const outcome = await call(things).catch((error: unknown) => error);
    const references = await open.close();
    // What is asked of the hypervisor itself may well have an answer, and to find nothing is one.
    const mayAnswer = kind === 'hypervisor' || name.startsWith('find') || ANSWERED.has(name);
    expect(mayAnswer || outcome instanceof HypervisorError).toBe(true);
    expect(references).toBe(0);
  });
});

it('nothing is left by any call that fails since the server is gone', async () => {
  await make(maker);
  const prepared = await Promise.all(
    EACH.map(async ({ kind, name, call }) => {
      const open = await connect(lab.uri('h1'));
      return { call: `${kind}.${name}`, run: call, open, things: await find(open) };
    }),
  );
  await lab.libvirtd('h1', 'kill');
  const outcomes = await Promise.all(
    prepared.map(async ({ call, run, open, things }) => {
      const error = await run(things).catch((thrown: unknown) => thrown);
      const reason = error instanceof HypervisorError ? error.reason : error;
      return { call, reason, references: await open.close() };
    }),
  );
  expect(outcomes).toStrictEqual(
    prepared.map(({ call }) => ({ call, reason: 'disconnected', references: 0 })),
  );
});
