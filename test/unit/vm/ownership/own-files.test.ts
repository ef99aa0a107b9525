import { afterEach, describe, expect, it, vi } from 'vitest';
import { domainXml } from '../../../../src/libvirt-xml/domain/write.ts';
import { toStored } from '../../../../src/libvirt-xml/metadata/stored-vm.ts';
import { destroyVm } from '../../../../src/vm/destroy/destroy.ts';
import type { LocalFacts } from '../../../../src/hypervisor/local.ts';
import { fullMachine } from '../../machines.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';
import { whileTimePasses } from '../../time.ts';

vi.mock('node:timers/promises', () => import('../../time.ts'));
afterEach(() => void vi.useRealTimers());

const DISK = '/images/web/boot.qcow2';

/** A machine of which all files can be seen, unless told otherwise. */
const LOCAL: LocalFacts = {
  exists: async () => false,
  read: async () => undefined,
  look: async () => 'EACCES',
  names: async () => [],
  output: async () => undefined,
};

function domain(name: string, ...disks: readonly string[]): string {
  return `<domain><name>${name}</name><devices>${disks.join('')}</devices></domain>`;
}

function disk(path: string, { type = 'qcow2', below = '' } = {}): string {
  return `<disk type='file' device='disk'><driver type='${type}'/><source file='${path}'/><target dev='vda'/>${below}</disk>`;
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

/** A hypervisor with a VM `web`, which is off and has a disk in its directory, and another one. */
function host(other: string, web = domain('web', disk(DISK))): TestContext {
  const context = testContext();
  const { hypervisor } = context;
  hypervisor.addDirectory('/images/web', 'boot.qcow2');
  hypervisor.contents.set(DISK, head());
  hypervisor.addDomain('web', web, 'shut off');
  hypervisor.addDomain('other', other, 'shut off');
  return context;
}

async function leftOf(context: TestContext): Promise<string | undefined> {
  const destroyed = await destroyVm('web', context);
  const isThere = context.hypervisor.directories.get('/images/web')?.has('boot.qcow2') === true;
  const why = destroyed?.left.get(DISK);
  expect(isThere).toBe(why !== undefined);
  return why;
}

describe('a disk that another VM stands on stays', () => {
  it('behind a link and .., here', async () => {
    const context = host(domain('other', disk('/srv/link/clone.qcow2')));
    const { hypervisor } = context;
    hypervisor.local = LOCAL;
    hypervisor.contents.set('/srv/link/clone.qcow2', head('../web/boot.qcow2'));
    hypervisor.links.set('/srv/link/../web/boot.qcow2', DISK);
    expect(await leftOf(context)).toBe("VM 'other' stands on it");
  });

  it('under another path that is no link, be it a bind mount or a hard link, here', async () => {
    const context = host(domain('other', disk('/srv/clone.qcow2', { type: 'raw' })));
    const { hypervisor } = context;
    hypervisor.local = LOCAL;
    hypervisor.sameFiles.set('/srv/clone.qcow2', DISK);
    expect(await leftOf(context)).toBe("VM 'other' stands on it");
  });

  it('behind a link and .., elsewhere', async () => {
    const context = host(domain('other', disk('/srv/link/clone.qcow2')));
    const { hypervisor } = context;
    hypervisor.contents.set('/srv/link/clone.qcow2', head('../web/boot.qcow2'));
    hypervisor.links.set('/srv/link/../web/boot.qcow2', DISK);
    expect(await leftOf(context)).toBe("VM 'other' stands on it");
  });

  it('in a directory that only libvirt may look into, here', async () => {
    const context = host(domain('other', disk('/srv/boot.qcow2', { type: 'raw' })));
    const { hypervisor } = context;
    hypervisor.local = LOCAL;
    hypervisor.hidden.add('/images/web');
    hypervisor.links.set('/srv/boot.qcow2', DISK);
    expect(await leftOf(context)).toBe("VM 'other' stands on it");
  });

  it('under a name that only its documents tell', async () => {
    const path = '/images/web/added.qcow2';
    const machine = fullMachine({ name: 'web' });
    const metadata = {
      status: 'ready',
      uuid: '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f',
      version: '0.1.0',
      created: '',
      directory: '/images/web',
      stored: toStored(machine),
    } as const;
    const made = domainXml(machine, { arch: 'x86_64', virtType: 'qemu', backingFormat: 'qcow2', metadata });
    const web = made.replace('<devices>', `<devices>${disk(path)}`);
    const context = host(domain('other', disk('/srv/added.qcow2', { type: 'raw' })), web);
    const { hypervisor } = context;
    hypervisor.addDirectory('/images/web', 'boot.qcow2', 'added.qcow2');
    hypervisor.contents.set(path, head());
    hypervisor.links.set('/srv/added.qcow2', path);
    const destroyed = await destroyVm('web', context);
    expect(destroyed?.left.get(path)).toBe("VM 'other' stands on it");
  });
});

describe('the marks of a disk that is written to', () => {
  it('are taken until they stay', async () => {
    const context = host(domain('other', disk('/srv/boot.qcow2', { type: 'raw' })));
    context.hypervisor.links.set('/srv/boot.qcow2', DISK);
    context.hypervisor.writes = 3;
    expect(await leftOf(context)).toBe("VM 'other' stands on it");
  });

  it('tell nothing where they never stay', async () => {
    const context = host(domain('other', disk('/srv/boot.qcow2', { type: 'raw' })));
    context.hypervisor.links.set('/srv/boot.qcow2', DISK);
    context.hypervisor.writes = Infinity;
    expect(await leftOf(context)).toBe(
      'it could not be told whether another VM stands on it: it is written to',
    );
  });
});

describe('a disk that another VM may stand on stays', () => {
  it('where it could not be told where a path of that VM leads', async () => {
    const context = host(domain('other', disk('/gone/a.raw', { type: 'raw' })));
    context.hypervisor.local = LOCAL;
    context.hypervisor.findPlace = async (path) =>
      path.startsWith('/gone') ? new Promise(() => {}) : { real: path, file: path };
    vi.useFakeTimers();
    expect(await whileTimePasses(leftOf(context))).toBe(
      "VM 'other' may stand on it: its disk /gone/a.raw could not be looked at: no answer from its directory",
    );
  });

  it('where libvirt cannot read what that VM can go back to', async () => {
    const context = host(domain('other'));
    context.hypervisor.past = [{ name: 'other', uuid: 'uuid-of-other', why: 'failed to read qemu header' }];
    expect(await leftOf(context)).toBe(
      "VM 'other' may stand on it: what it can go back to could not be looked at: failed to read qemu header",
    );
  });
});
