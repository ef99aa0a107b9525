import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { connect } from '../../../src/libvirt/connect.ts';
import type { OpenHypervisor } from '../../../src/libvirt/connect.ts';
import { Handles } from '../../../src/libvirt/abi/handles.ts';
import { LibvirtDomain } from '../../../src/libvirt/domain/domain.ts';
import { LibvirtPool } from '../../../src/libvirt/storage/pool.ts';
import { LibvirtVolume } from '../../../src/libvirt/storage/volume.ts';
import { startLab } from '../../lab/lab.ts';
import type { Lab } from '../../lab/lab.ts';
import { CALLS, POOL, serverDomain, serverVolume } from './calls.ts';
import type { Things } from './calls.ts';

const ROUNDS = 4;
const EACH = Object.entries(CALLS).flatMap(([kind, calls]) =>
  Object.entries(calls).map(([name, call]) => ({ kind, name, call })),
);

const adopted = vi.spyOn(Handles.prototype, 'adopt');
const freed = vi.spyOn(Handles.prototype, 'free');
let lab: Lab;
let open: OpenHypervisor;
let things: Things;

beforeAll(async () => {
  lab = await startLab();
});

afterAll(async () => {
  vi.restoreAllMocks();
  await lab.stop();
});

beforeEach(async () => {
  open = await connect(lab.uri('h1'));
  const { hypervisor } = open;
  const domain = await hypervisor.defineDomain(serverDomain('memory'));
  const pool = await hypervisor.startPool(POOL, { build: true });
  things = { hypervisor, domain, pool, volume: await pool.createVolume(serverVolume('a', 1_000_000)) };
});

afterEach(async () => {
  await open.close();
  await lab.exec('h1', ['sh', '-c', CLEAR]);
});

const CLEAR = `virsh destroy memory; virsh undefine memory; virsh pool-destroy memory; virsh pool-undefine memory
  rm -r /var/lib/libvirt/images/memory`;

/** Objects of libvirt that connections hold. */
function held(): number {
  return adopted.mock.calls.length - freed.mock.calls.length;
}

function isObject(part: unknown): part is Disposable {
  return part instanceof LibvirtDomain || part instanceof LibvirtPool || part instanceof LibvirtVolume;
}

/** What of an answer is an object that the caller goes on to use. */
function given(answer: unknown): readonly Disposable[] {
  return [answer].flat().filter(isObject);
}

describe('a connection holds nothing but what it gave and nobody has disposed of, round after round', () => {
  it.each(EACH)('$kind $name', async ({ call }) => {
    const grown: number[] = [];
    const expected: number[] = [];
    const released: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = held();
      const objects = given(await call(things).catch((error: unknown) => error));
      expected.push(objects.length);
      grown.push(held() - before);
      for (const object of objects) object[Symbol.dispose]();
      released.push(held() - before);
    }
    expect(grown).toStrictEqual(expected);
    expect(released).toStrictEqual(expected.map(() => 0));
    expect([await open.close(), held()]).toStrictEqual([0, 0]);
  });
});
