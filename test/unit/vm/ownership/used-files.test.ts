import { afterEach, describe, expect, it, vi } from 'vitest';
import type { LocalEntry } from '../../../../src/hypervisor/local.ts';
import { usersOfFiles } from '../../../../src/vm/ownership/used-files.ts';
import type { Usage } from '../../../../src/vm/ownership/used-files.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { whileTimePasses } from '../../time.ts';

vi.mock('node:timers/promises', () => import('../../time.ts'));
afterEach(() => void vi.useRealTimers());

const OWN = '/images/web/boot.qcow2';

function domain(name: string, ...disks: readonly string[]): string {
  return `<domain><name>${name}</name><devices>${disks.join('')}</devices></domain>`;
}

function disk(path: string, { type = 'qcow2', below = '' } = {}): string {
  return `<disk type='file'><driver type='${type}'/><source file='${path}'/>${below}</disk>`;
}

/** The head of a qcow2 image without extensions. */
function head(backing = ''): Uint8Array {
  const bytes = Buffer.alloc(4096);
  bytes.write('QFI\u{fb}', 'latin1');
  bytes.writeUInt32BE(3, 4);
  if (backing !== '') bytes.writeBigUInt64BE(512n, 8);
  bytes.writeUInt32BE(backing.length, 16);
  bytes.writeUInt32BE(104, 100);
  bytes.write(backing, 512);
  return bytes;
}

/** A host with a VM `other`. */
function host(document: string, images: Readonly<Record<string, Uint8Array>> = {}): TestContext {
  const context = testContext();
  context.hypervisor.addDomain('other', document, 'shut off');
  for (const [path, bytes] of Object.entries(images)) context.hypervisor.contents.set(path, bytes);
  return context;
}

const look = (context: TestContext): Promise<Usage> =>
  usersOfFiles('uuid-of-web', new Set(['boot.qcow2']), context);

const calls = ({ hypervisor }: TestContext): number =>
  hypervisor.calls.filter((call) => call === 'fileHeads').length;

function entry(bytes: Uint8Array): LocalEntry {
  return {
    type: 'file',
    mode: 0o600,
    owner: 0,
    group: 0,
    bytes: bytes.length,
    takenBytes: 0,
    availableBytes: 0,
    head: bytes,
  };
}

describe('what another VM stands on', () => {
  it.each([
    ['is a raw file', disk('/a.raw', { type: 'raw' })],
    ['says that nothing is below', disk('/a.qcow2', { below: '<backingStore/>' })],
    [
      'says the whole chain',
      disk('/other/a.qcow2', {
        below: `<backingStore type='file'><format type='raw'/><source file='/other/b.raw'/></backingStore>`,
      }),
    ],
    ['is an empty drive', `<disk type='file' device='cdrom'><driver type='raw'/></disk>`],
  ])('needs no look where its disk %s', async (_, xml) => {
    const context = host(domain('other', xml));
    expect((await look(context)).unseen).toStrictEqual([]);
    expect(calls(context)).toBe(0);
  });

  it('is followed down layer by layer, each file once, and round no circle', async () => {
    const context = host(domain('other', disk('/a/1.qcow2'), disk('/a/2.qcow2')), {
      '/a/1.qcow2': head('3.qcow2'),
      '/a/2.qcow2': head('3.qcow2'),
      '/a/3.qcow2': head(OWN),
      [OWN]: head('/a/1.qcow2'),
    });
    expect((await look(context)).users.get(OWN)).toBe('other');
    expect(calls(context)).toBe(3);
  });

  it('is what a VM on its way has at either end, whatever its document says meanwhile', async () => {
    const context = host(domain('other', disk('/a/1.qcow2.plow-moving')), { '/a/1.qcow2': head(OWN) });
    const { users } = await look(context);
    expect([users.get('/a/1.qcow2'), users.get(OWN)]).toStrictEqual(['other', 'other']);
  });

  it('goes on where the document stops half way', async () => {
    const half = `<backingStore type='file'><format type='qcow2'/><source file='/a/2.qcow2'/></backingStore>`;
    const context = host(domain('other', disk('/a/1.qcow2', { below: half })), { '/a/2.qcow2': head(OWN) });
    expect((await look(context)).users.get(OWN)).toBe('other');
  });

  it('is told with the detours of its path, which lead elsewhere behind a link', async () => {
    const context = host(domain('other', disk('/srv/link/1.qcow2'), disk('/srv/link/../b/2.qcow2')), {
      '/srv/link/1.qcow2': head('../web/boot.qcow2'),
      '/srv/link/../web/boot.qcow2': head('/a/3.qcow2'),
      '/srv/link/../b/2.qcow2': head('/a/4.qcow2'),
    });
    context.hypervisor.links.set('/srv/link/../web/boot.qcow2', OWN);
    context.hypervisor.contents.set(OWN, head('/a/3.qcow2'));
    const { users } = await look(context);
    const paths = ['/srv/link/../web/boot.qcow2', '/a/3.qcow2', '/srv/link/../b/2.qcow2', '/a/4.qcow2'];
    expect([...users.keys()]).toStrictEqual(expect.arrayContaining(paths));
  });

  it('is also what it can go back to', async () => {
    const context = host(domain('other', disk('/flat.raw', { type: 'raw' })), { '/a/1.qcow2': head(OWN) });
    const past = domain('other', disk('/a/1.qcow2'));
    for (const xml of [past, `<domainsnapshot>${past}</domainsnapshot>`]) {
      context.hypervisor.past = [{ name: 'other', uuid: 'uuid-of-other', xml }];
      expect((await look(context)).users.get(OWN)).toBe('other');
    }
  });

  it('is not what the VM that is to go has itself', async () => {
    const context = host(domain('other'));
    context.hypervisor.addDomain('web', domain('web', disk(OWN)), 'shut off');
    expect((await look(context)).users.size).toBe(0);
  });
});

describe('what a VM that runs has stored', () => {
  it('is not looked at where its running document says the whole chain', async () => {
    const context = host(domain('other', disk('/a/1.qcow2')));
    const below = '<backingStore/>';
    context.hypervisor.addDomain('other', domain('other', disk('/a/1.qcow2')), 'running');
    context.hypervisor.live.set('other', domain('other', disk('/a/1.qcow2', { below })));
    context.hypervisor.silent.add('/a');
    expect((await look(context)).unseen).toStrictEqual([]);
    expect(calls(context)).toBe(0);
  });

  it('is looked at where it runs with another disk', async () => {
    const context = host(domain('other'), { '/a/next.qcow2': head(OWN) });
    context.hypervisor.addDomain('other', domain('other', disk('/a/next.qcow2')), 'running');
    context.hypervisor.live.set('other', domain('other', disk('/a/1.qcow2', { below: '<backingStore/>' })));
    expect((await look(context)).users.get(OWN)).toBe('other');
  });
});

describe('a disk that cannot be looked at', () => {
  it.each<[string, string, (context: TestContext) => void]>([
    ['is silent', 'no answer from its directory', ({ hypervisor }) => hypervisor.silent.add('/a')],
    [
      'is in a directory that libvirt may not open',
      'startPool failed',
      ({ hypervisor }) => {
        hypervisor.fault = (call) => (call === 'startPool' ? 'denied' : undefined);
      },
    ],
    [
      'names its base in an unknown way',
      'it names its backing file in an unknown way',
      ({ hypervisor }) => hypervisor.contents.set('/a/1.qcow2', head('json:{')),
    ],
  ])('is told: it %s', async (_, why, prepare) => {
    const context = host(domain('other', disk('/a/1.qcow2')));
    prepare(context);
    expect((await look(context)).unseen).toStrictEqual([{ name: 'other', path: '/a/1.qcow2', why }]);
  });

  it('is told: it is below more layers than any chain has', async () => {
    const layers = Array.from({ length: 70 }, (_, index) => `/a/${index}.qcow2`);
    const images = layers.map((path, index) => [path, head(`${index + 1}.qcow2`)] as const);
    const context = host(domain('other', disk('/a/0.qcow2')), Object.fromEntries(images));
    const why = 'below more than 64 layers';
    expect((await look(context)).unseen).toStrictEqual([{ name: 'other', path: '/a/64.qcow2', why }]);
  });

  it('is told: it gave no answer once, and is not asked again', async () => {
    const context = host(domain('other', disk('/gone/1.qcow2'), disk('/gone/2.qcow2')));
    const asked: string[] = [];
    context.hypervisor.local = {
      exists: async () => false,
      read: async () => undefined,
      names: async () => [],
      output: async () => undefined,
      look: async (path) => {
        asked.push(path);
        return new Promise(() => {});
      },
    };
    vi.useFakeTimers();
    for (const { unseen } of [await whileTimePasses(look(context)), await look(context)])
      expect(unseen.map(({ path }) => path)).toStrictEqual(['/gone/1.qcow2', '/gone/2.qcow2']);
    expect(asked).toStrictEqual(['/gone/1.qcow2']);
  });

  it('is none where there is no such file or directory', async () => {
    for (const path of ['/a/1.qcow2', '/nosuch/1.qcow2']) {
      const context = host(domain('other', disk(path)));
      context.hypervisor.addDirectory('/a', 'else.qcow2');
      expect((await look(context)).unseen).toStrictEqual([]);
      expect(context.hypervisor.pools.size).toBe(0);
    }
  });

  it('on a file server that is gone keeps nobody waiting, and hides nothing else', async () => {
    const paths = Array.from({ length: 20 }, (_, index) => `/gone/${index}.qcow2`);
    const context = host(domain('other', disk('/a/1.qcow2'), ...paths.map((path) => disk(path))));
    context.hypervisor.local = {
      exists: async () => false,
      read: async () => undefined,
      names: async () => [],
      output: async () => undefined,
      look: async (path) => {
        if (path === '/a/1.qcow2') return entry(head(OWN));
        return path === OWN ? 'ENOENT' : new Promise(() => {});
      },
    };
    vi.useFakeTimers();
    const { users, unseen } = await whileTimePasses(look(context));
    expect(users.get(OWN)).toBe('other');
    expect(unseen.map(({ path }) => path)).toStrictEqual(paths);
    expect(performance.now()).toBe(1000);
  });
});
