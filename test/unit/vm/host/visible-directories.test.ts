import { describe, expect, it } from 'vitest';
import { VisibleDirectories } from '../../../../src/vm/host/visible-directories.ts';
import type { LocalEntry, LocalFacts } from '../../../../src/hypervisor/local.ts';
import { FakeHypervisor } from '../fake-hypervisor.ts';

const GIB = 2 ** 30;

function entry(changes: Partial<LocalEntry>): LocalEntry {
  return {
    type: 'file',
    mode: 0o644,
    owner: 1,
    group: 2,
    bytes: 512,
    takenBytes: 1024,
    availableBytes: 4096,
    head: new Uint8Array(),
    ...changes,
  };
}

/** The first bytes of a qcow2 image of 1 GiB. */
function qcow2(backing = ''): Uint8Array {
  const head = new Uint8Array(512);
  const view = new DataView(head.buffer);
  head.set([0x51, 0x46, 0x49, 0xfb]);
  view.setUint32(4, 3);
  if (backing !== '') {
    view.setBigUint64(8, 104n);
    view.setUint32(16, backing.length);
    head.set(new TextEncoder().encode(backing), 104);
  }
  view.setBigUint64(24, BigInt(GIB));
  return head;
}

const HERE: Readonly<Record<string, LocalEntry>> = {
  '/images': entry({ type: 'dir', mode: 0o711 }),
  '/images/a.qcow2': entry({ head: qcow2() }),
  '/images/b.qcow2': entry({ head: qcow2('/images/a.qcow2') }),
  '/images/c.raw': entry({ bytes: 2 * GIB }),
  '/images/web': entry({ type: 'dir', mode: 0o700 }),
  '/pooled': entry({ type: 'dir', mode: 0o711 }),
  '/images/pipe': entry({ type: 'other' }),
};

const CLOSED = /^\/closed|\/secret/u;

/** This machine, on which a user may not look below /closed, nor into a file that is called secret. */
const LOCAL: LocalFacts = {
  look: async (path) => HERE[path] ?? (CLOSED.test(path) ? 'EACCES' : 'ENOENT'),
  names: async (path) => (path === '/images' ? ['a.qcow2', 'b.qcow2'] : undefined),
  exists: async () => false,
  read: async () => undefined,
  output: async () => undefined,
};

function seen(local: LocalFacts | undefined): {
  directories: VisibleDirectories;
  hypervisor: FakeHypervisor;
} {
  const hypervisor = new FakeHypervisor();
  hypervisor.local = local;
  hypervisor.addDirectory('/pooled', 'old.qcow2');
  hypervisor.addPool('default', '/pooled', { active: true });
  return { directories: new VisibleDirectories(hypervisor), hypervisor };
}

const look = (name: string): Promise<unknown> =>
  seen(LOCAL).directories.visit('/images', (view) => view.entry(name));

describe('directories of this machine', () => {
  it('are seen as they are', async () => {
    const { directories, hypervisor } = seen(LOCAL);
    expect(await directories.facts('/images')).toMatchObject({
      path: '/images',
      permissions: { mode: 0o711, owner: 1, group: 2 },
      availableBytes: 4096,
    });
    expect(await directories.visit('/images', (view) => view.names())).toStrictEqual(['a.qcow2', 'b.qcow2']);
    expect(hypervisor.calls).toStrictEqual([]);
  });

  it.each([
    ['a.qcow2', { type: 'file', format: 'qcow2', capacityBytes: GIB, backingPath: undefined }],
    ['b.qcow2', { format: 'qcow2', backingPath: '/images/a.qcow2' }],
    ['c.raw', { format: 'raw', capacityBytes: 2 * GIB, allocationBytes: 1024 }],
    ['web', { type: 'dir', permissions: { mode: 0o700 } }],
  ])('hold %s', async (name, facts) => {
    expect(await look(name)).toMatchObject(facts);
  });

  it('hold nothing else', async () => {
    expect(await look('nosuch')).toBeUndefined();
  });

  it('hold what may not be looked at, as far as a pool shows it', async () => {
    const { directories, hypervisor } = seen(LOCAL);
    expect(await directories.visit('/images', (view) => view.entry('secret.qcow2'))).toBe('unseen');
    expect([...directories.unseen]).toStrictEqual([['/images', 'no pool shows /images']]);
    hypervisor.addDirectory('/images', 'secret.qcow2');
    hypervisor.addPool('images', '/images', { active: true });
    expect(await directories.visit('/images', (view) => view.entry('secret.qcow2'))).toMatchObject({
      format: 'qcow2',
    });
  });

  it('that may not be read are not empty', async () => {
    const { directories } = seen(LOCAL);
    expect(await directories.visit('/pooled', (view) => view.names())).toBeUndefined();
    expect(await directories.visit('/pooled', (view) => view.entry('nosuch'))).toBeUndefined();
  });

  it.each([
    ['/nosuch', 'no-such-file'],
    ['/images/c.raw', 'not-a-directory'],
    ['/closed/a', 'unseen'],
  ])('of which %s is %s', async (path, missing) => {
    const { directories } = seen(LOCAL);
    expect(await directories.visit(path, async () => 'seen')).toBe(missing);
    expect(await directories.facts(path)).toBe(missing);
  });
});

describe('directories of another machine', () => {
  it('hold what a pool that is active knows and libvirt still finds, with nothing but questions', async () => {
    const { directories, hypervisor } = seen(undefined);
    expect(await directories.visit('/pooled', (view) => view.entry('old.qcow2'))).toMatchObject({
      format: 'qcow2',
    });
    expect(await directories.visit('/pooled', (view) => view.names())).toStrictEqual(['old.qcow2']);
    hypervisor.fault = (call) => (call === 'Volume.xml' ? 'no-such-file' : undefined);
    expect(await directories.visit('/pooled', (view) => view.entry('old.qcow2'))).toBeUndefined();
    expect(new Set(hypervisor.calls)).toStrictEqual(
      new Set(['findPoolByPath', 'Pool.findVolume', 'Volume.xml', 'Pool.volumeNames']),
    );
  });

  it('are not seen as they are now through such a pool', async () => {
    const { directories, hypervisor } = seen(undefined);
    hypervisor.addDirectory('/pooled', 'old.qcow2', 'new.qcow2');
    expect(await directories.visit('/pooled', (view) => view.entry('new.qcow2'))).toBe('unseen');
    expect(await directories.facts('/pooled')).toBe('unseen');
    expect([...directories.unseen]).toStrictEqual([
      ['/pooled', 'the pool on /pooled tells only what was there once'],
    ]);
  });

  it('are not seen without one', async () => {
    const { directories } = seen(undefined);
    expect(await directories.visit('/images', async () => 'seen')).toBe('unseen');
    expect(await directories.facts('/images')).toBe('unseen');
    expect([...directories.unseen]).toStrictEqual([['/images', 'no pool shows /images']]);
  });
});
