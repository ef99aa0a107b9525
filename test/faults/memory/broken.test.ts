import type { DomainWatch } from '../../../src/hypervisor/events.ts';
import { LIST_ALL, lookedAt } from '../../unit/vm/listed.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isReason } from '../../../src/errors/hypervisor-error.ts';
import { METADATA_NAMESPACE } from '../../../src/libvirt-xml/metadata/metadata.ts';
import { connect } from '../../../src/libvirt/connect.ts';
import { startLab } from '../../lab/lab.ts';
import { OTHER_THREADS, OVERLAP } from '../../../src/libvirt/connection/concurrency.ts';
import type { Lab } from '../../lab/lab.ts';
import { connectCounting, POOL, serverDomain, serverVolume } from './calls.ts';
import type { Counting } from './calls.ts';

const CALLS = 5000;
const LISTS = 40;
const DOMAINS = 150;

let lab: Lab;
let open: Counting;

beforeAll(async () => {
  lab = await startLab();
  const { hypervisor, close } = await connect(lab.uri('h1'));
  for (let index = 0; index < DOMAINS; index += 1) await hypervisor.defineDomain(serverDomain(`vm${index}`));
  await close();
});

afterAll(() => lab.stop());

beforeEach(async () => {
  open = await connectCounting(lab.uri('h1'));
});

/** Kills libvirtd, has `meanwhile` look at what is left, and starts it anew. */
async function killed(meanwhile: () => Promise<void>): Promise<void> {
  await lab.libvirtd('h1', 'kill');
  try {
    await meanwhile();
  } finally {
    await lab.exec('h1', ['sh', '-c', 'while pgrep -x libvirtd; do sleep 0.01; done']);
    await lab.libvirtd('h1', 'start');
  }
}

async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await sleep(1);
}

/**
 * How many of the works were done, and how many found the connection broken. Others are errors of the test.
 */
async function outcomes(works: readonly Promise<unknown>[]): Promise<{ done: number; disconnected: number }> {
  const count = { done: 0, disconnected: 0 };
  for (const outcome of await Promise.allSettled(works)) {
    if (outcome.status === 'fulfilled') count.done += 1;
    else if (isReason(outcome.reason, 'disconnected')) count.disconnected += 1;
    else throw outcome.reason;
  }
  return count;
}

const find = (count: number): Promise<unknown>[] =>
  Array.from({ length: count }, (_, index) => open.hypervisor.findDomain(`vm${index % (2 * DOMAINS)}`));

const list = (count: number): Promise<unknown>[] =>
  Array.from({ length: count }, (_, index) =>
    index % 2 === 0 ? lookedAt(open.hypervisor, LIST_ALL) : open.hypervisor.domainDocuments(),
  );

describe('a server that is killed', () => {
  it('under calls in a row fails those that are left', async () => {
    const works = outcomes(find(CALLS));
    await until(() => open.calls.length > 100);
    await killed(async () => {
      const { done, disconnected } = await works;
      expect(done + disconnected).toBe(CALLS);
      expect(disconnected).toBeGreaterThan(0);
      expect(await open.close()).toBe(0);
    });
  });

  it.each([1, 200, 3000])('under lists, after %i calls', async (count) => {
    const works = outcomes(list(LISTS));
    await until(() => open.calls.length > count);
    await killed(async () => {
      const { done, disconnected } = await works;
      expect(done + disconnected).toBe(LISTS);
      expect(disconnected).toBeGreaterThan(0);
      expect(await open.close()).toBe(0);
    });
  });

  it('under an upload', async () => {
    const pool = await open.hypervisor.startPool(POOL, { build: true });
    const bytes = new Uint8Array(400_000_000);
    const volume = await pool.createVolume(serverVolume('a', bytes.length));
    let sent = 0;
    const uploading = outcomes([volume.upload(bytes, (so) => (sent = so))]);
    await until(() => sent > 1_000_000);
    await killed(async () => {
      expect(await uploading).toStrictEqual({ done: 0, disconnected: 1 });
      expect(await open.close()).toBe(0);
    });
  });
});

async function endOf(watch: DomainWatch): Promise<void> {
  for await (const _ of watch);
}

describe('a watch', () => {
  it('says so when its server is killed, and frees all', async () => {
    const ended = endOf(await open.hypervisor.watchDomains('everything'));
    await killed(async () => {
      await expect(ended).rejects.toMatchObject({ reason: 'disconnected' });
      expect(await open.close()).toBe(0);
    });
  });

  it('says so when its server freezes, and frees all', async () => {
    const ended = endOf(await open.hypervisor.watchDomains('everything'));
    await lab.libvirtd('h1', 'freeze');
    await expect(ended).rejects.toMatchObject({ reason: 'disconnected' });
    expect(await open.close()).toBe(0);
    await lab.libvirtd('h1', 'thaw');
  });

  it('tells of changes to the last one, and closes under a storm of them', async () => {
    const other = await connect(lab.uri('h1'));
    const domain = await other.hypervisor.defineDomain(serverDomain('stormy'));
    let changes = 0;
    const watch = await open.hypervisor.watchDomains('everything');
    const told = (async () => {
      for await (const { name } of watch) if (name === 'stormy') changes += 1;
    })();
    const change = (): Promise<void> => domain.setMetadata('<vm/>', METADATA_NAMESPACE);
    for (let round = 1; round <= 200; round += 1) {
      await change();
      await until(() => changes === round);
    }
    const storm = Promise.all(Array.from({ length: 1000 }, change));
    await until(() => changes > 250);
    expect(await open.close()).toBe(0);
    await told;
    const before = changes;
    await storm;
    expect(changes).toBe(before);
    await domain.undefine();
    await other.close();
  });
});

describe('a server that is frozen, and a connection that closes meanwhile', () => {
  beforeEach(async () => {
    await open.close();
    open = await connectCounting(lab.uri('h1'), { threads: OVERLAP.near + OTHER_THREADS });
  });

  it('does what it was asked once it thaws', async () => {
    await lab.libvirtd('h1', 'freeze');
    const works = outcomes(find(1000));
    const closing = open.close();
    await sleep(200);
    await lab.libvirtd('h1', 'thaw');
    expect(await works).toStrictEqual({ done: 1000, disconnected: 0 });
    expect(await closing).toBe(0);
  });

  it('fails all of it when it is killed', async () => {
    await lab.libvirtd('h1', 'freeze');
    const works = outcomes([...list(1), ...find(1000)]);
    const closing = open.close();
    await sleep(200);
    await killed(async () => {
      expect(await works).toStrictEqual({ done: 0, disconnected: 1001 });
      expect(await closing).toBe(0);
    });
  });

  it('fails all of it when it counts as gone', async () => {
    await lab.libvirtd('h1', 'freeze');
    const works = outcomes([...list(1), ...find(1000)]);
    expect(await open.close()).toBe(0);
    await lab.libvirtd('h1', 'thaw');
    expect(await works).toStrictEqual({ done: 0, disconnected: 1001 });
  });
});

it('a call that was given up has ended before its connection closes', async () => {
  const domain = await open.hypervisor.defineDomain(serverDomain('stuck'));
  await domain.start();
  await lab.exec('h1', ['pkill', '-STOP', 'qemu']);
  await expect(domain.shutdown(500)).rejects.toMatchObject({ reason: 'busy' });
  const closing = open.close();
  await sleep(200);
  const before = open.calls.at(-1);
  await lab.exec('h1', ['pkill', '-KILL', 'qemu']);
  expect(await closing).toBe(0);
  expect([before, open.calls.at(-1)]).toStrictEqual(['virDomainCreate', 'virDomainShutdownFlags']);
});
