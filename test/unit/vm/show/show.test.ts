import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Domain } from '../../../../src/hypervisor/domain.ts';
import type { LocalEntry, LocalFacts } from '../../../../src/hypervisor/local.ts';
import { showLines } from '../../../../src/views/show/text.ts';
import { showVm, vmDocument } from '../../../../src/vm/show/show.ts';
import { FakeHypervisor } from '../fake-hypervisor.ts';
import { listed, listing } from '../listed.ts';
import { liveDocument, ownDocument, running, shown, UUID } from '../shown.ts';
import { whileTimePasses } from '../../time.ts';

vi.mock('node:timers/promises', () => import('../../time.ts'));
afterEach(() => void vi.useRealTimers());

const FILE: LocalEntry = {
  type: 'file',
  mode: 0o600,
  owner: 0,
  group: 0,
  bytes: 1024,
  takenBytes: 512,
  availableBytes: 0,
  head: new Uint8Array(),
};

/** This machine, with these files and nothing else. */
function local(...files: readonly string[]): LocalFacts {
  return {
    exists: async (path) => files.includes(path),
    read: async () => undefined,
    look: async (path) => (files.includes(path) ? FILE : 'ENOENT'),
    names: async () => [],
    output: async () => undefined,
  };
}

/** A qcow2 image on another one. */
function overlayOn(backing: string): LocalEntry {
  const head = Buffer.alloc(512);
  head.write('QFI\xfb', 'latin1');
  head.writeBigUInt64BE(BigInt(104), 8);
  head.writeUInt32BE(backing.length, 16);
  head.writeBigUInt64BE(BigInt(2 ** 30), 24);
  head.write(backing, 104);
  return { ...FILE, head };
}

function hypervisorWith(...names: readonly string[]): FakeHypervisor {
  return Object.assign(new FakeHypervisor(), listing(...names.map((name) => listed({ name }))));
}

function foreign(devices: string): string {
  return `<domain type='kvm'><name>my-vm</name><uuid>${UUID}</uuid><memory>1048576</memory><vcpu>1</vcpu>
    <os><type machine='pc-q35-7.2'>hvm</type></os><devices>${devices}</devices></domain>`;
}

describe('a VM that runs', () => {
  it('is shown with what belongs to each of its interfaces', async () => {
    const { interfaces, otherAddresses, facts, differences } = await shown();
    expect(interfaces).toMatchObject([
      {
        mac: 'be:ef:0a:14:1e:28',
        tap: 'vnet3',
        declared: [{ address: '10.20.30.40', prefixLength: 24 }],
        seen: [{ address: '10.20.30.40' }],
        traffic: { received: { packets: 1200 } },
      },
      { tap: 'vnet4', declared: [{ address: '192.168.1.50' }], seen: [] },
    ]);
    expect(otherAddresses).toMatchObject([{ address: '172.17.0.1' }]);
    expect(facts).toMatchObject({ cpuMode: 'host-model', agent: 'connected' });
    expect(differences).toStrictEqual([]);
  });

  it('costs one look for each kind of fact, and its guest is asked last', async () => {
    const hypervisor = running();
    await shown(hypervisor);
    expect(hypervisor.calls).toStrictEqual([
      'findDomain',
      'Domain.status',
      'Domain.traffic',
      'Domain.diskSizes',
      'volumeDocuments',
      'Domain.seenAddresses',
    ]);
  });

  it('is shown without its sizes where its QEMU hangs, whose guest is not asked then', async () => {
    const hypervisor = Object.assign(running(), { hangs: true });
    const asked: boolean[] = [];
    const findDomain = hypervisor.findDomain.bind(hypervisor);
    hypervisor.findDomain = async (name) => {
      const domain = await findDomain(name);
      return (
        domain && {
          ...domain,
          seenAddresses: async ({ askAgent }) => {
            asked.push(askAgent);
            return [];
          },
        }
      );
    };
    hypervisor.sizes.clear();
    expect(await shown(hypervisor)).toMatchObject({
      isLate: true,
      state: 'running',
      disks: [{ target: 'vda', size: undefined }, {}, {}, {}],
    });
    expect(asked).toStrictEqual([false]);
  });
});

describe('a VM that runs, for an account that may only look', () => {
  it.each([
    [true, 'Seen:      10.20.30.40/24 (agent)'],
    [false, 'Seen:      nothing from here (the guest was not asked)'],
  ])('is shown without its guest being asked, seen otherwise: %j', async (isSeen, line) => {
    const hypervisor = Object.assign(running(), { isReadOnly: true });
    const findDomain = hypervisor.findDomain.bind(hypervisor);
    const asked: boolean[] = [];
    hypervisor.findDomain = async (name) => {
      const domain = await findDomain(name);
      const seenAddresses: Domain['seenAddresses'] = async ({ askAgent }) => {
        asked.push(askAgent);
        return isSeen ? ((await domain?.seenAddresses({ askAgent, withinMs: 0 })) ?? []) : [];
      };
      return domain && { ...domain, seenAddresses };
    };
    const details = await shown(hypervisor);
    expect(details.isGuestUnasked).toBe(true);
    expect(asked).toStrictEqual([false]);
    const lines = showLines(details, new Date(), undefined).map((one) => one.trim());
    expect(lines.find((one) => one.startsWith('Seen:'))).toBe(line);
  });
});

describe('a VM that is off', () => {
  it('has its stored document, no traffic, and nobody is asked for its addresses', async () => {
    const hypervisor = new FakeHypervisor();
    hypervisor.addDomain('my-vm', ownDocument(), 'shut off');
    hypervisor.status = { autostart: true };
    const details = await shown(hypervisor);
    expect(details).toMatchObject({ active: false, since: undefined, differences: [] });
    expect(details.interfaces[0]).toMatchObject({ tap: undefined, traffic: undefined, seen: [] });
    expect(hypervisor.calls).not.toContain('Domain.seenAddresses');
  });

  it('of somebody else has the chain that volumes tell', async () => {
    const hypervisor = new FakeHypervisor();
    const disk = `<disk type='file'><driver type='qcow2'/><source file='/a'/><target dev='vda'/></disk>`;
    hypervisor.addDomain('my-vm', foreign(disk), 'shut off');
    hypervisor.backing.set('/a', '/b');
    hypervisor.backing.set('/b', '/c');
    expect(await shown(hypervisor)).toMatchObject({
      own: undefined,
      disks: [{ target: 'vda', backing: ['/b', '/c'] }],
    });
  });

  it('of somebody else has the chain that the files on this machine tell, and which of it is missing', async () => {
    const hypervisor = new FakeHypervisor();
    const disk = `<disk type='file'><driver type='qcow2'/><source file='/vms/a'/><target dev='vda'/></disk>`;
    hypervisor.addDomain('my-vm', foreign(disk), 'shut off');
    const files = new Map([
      ['/vms/a', overlayOn('base/b')],
      ['/vms/base/b', overlayOn('/c')],
    ]);
    hypervisor.local = { ...local(), look: async (path) => files.get(path) ?? 'ENOENT' };
    expect(await shown(hypervisor)).toMatchObject({
      disks: [{ backing: ['/vms/base/b', '/c'], missingBacking: ['/c'] }],
    });
    files.set('/vms/base/b', overlayOn('nbd://elsewhere/c'));
    expect(await shown(hypervisor)).toMatchObject({
      disks: [{ backing: ['/vms/base/b', 'nbd://elsewhere/c'], missingBacking: [] }],
    });
  });

  it("has its declared address in a MAC address of plow's kind", async () => {
    const hypervisor = new FakeHypervisor();
    const devices = `<interface type='bridge'><mac address='BE:EF:0a:14:1e:63'/><source bridge='br0'/></interface>
      <interface type='bridge'><mac address='52:54:00:14:1e:63'/><source bridge='br0'/></interface>`;
    hypervisor.addDomain('my-vm', foreign(devices), 'shut off');
    expect((await shown(hypervisor)).interfaces.map(({ declared }) => declared)).toStrictEqual([
      [{ address: '10.20.30.99', prefixLength: undefined }],
      [],
    ]);
  });

  it('is off since its QEMU was stopped, as its log says', async () => {
    const hypervisor = Object.assign(new FakeHypervisor(), { status: { reason: 'saved' } });
    hypervisor.addDomain('my-vm', ownDocument(), 'shut off');
    const log = `2026-11-24 10:58:56.871+0000: starting up libvirt version: 9.0.0\n-uuid ${UUID}
2026-11-24 11:00:27.090+0000: shutting down, reason=saved\n`;
    hypervisor.local = { ...local('/var/log/libvirt/qemu/my-vm.log'), read: async () => log };
    expect(await shown(hypervisor)).toMatchObject({ started: undefined, since: '2026-11-24T11:00:27Z' });
  });

  it('ends where a chain bites its tail', async () => {
    const hypervisor = new FakeHypervisor();
    const disk = `<disk type='file'><driver type='qcow2'/><source file='/a'/><target dev='vda'/></disk>`;
    hypervisor.addDomain('my-vm', foreign(disk), 'shut off');
    hypervisor.backing.set('/a', '/a');
    const { disks } = await shown(hypervisor);
    expect(disks[0]?.backing).toHaveLength(16);
  });
});

describe('the files of a VM', () => {
  it.each([
    ['there', local('/images/my-vm/cloudinit.iso'), true],
    ['missing', local(), false],
    ['on another machine', undefined, undefined],
  ])('are looked at: a seed that is %s', async (_, facts, exists) => {
    const hypervisor = Object.assign(running(), { local: facts });
    const { own, disks } = await shown(hypervisor);
    expect(own?.seed).toStrictEqual({ path: '/images/my-vm/cloudinit.iso', exists });
    expect(disks.find(({ target }) => target === 'sda')?.exists).toBe(exists);
  });

  it('are missing where a hypervisor elsewhere does not find them, whatever a pool remembers', async () => {
    const hypervisor = new FakeHypervisor();
    hypervisor.addDomain('my-vm', ownDocument(), 'shut off');
    hypervisor.addDirectory('/images/my-vm', 'boot.qcow2');
    hypervisor.missing = ['/images/my-vm/boot.qcow2', '/images/base.qcow2', '/images/my-vm/cloudinit.iso'];
    const details = await shown(hypervisor);
    expect(details).toMatchObject({
      own: { seed: { exists: false } },
      disks: [
        { exists: false, size: undefined, missingBacking: ['/images/base.qcow2'] },
        { exists: undefined },
        { exists: undefined },
        { exists: false },
      ],
    });
    expect(showLines(details, new Date(0)).filter((line) => line.startsWith('Problem:'))).toStrictEqual([
      'Problem:      cannot start: /images/my-vm/boot.qcow2 (vda) is missing',
      'Problem:      cannot start: /images/base.qcow2, which vda stands on, is missing',
      'Problem:      cannot start: /images/my-vm/cloudinit.iso (sda) is missing',
    ]);
    const incomplete = showLines({ ...details, incomplete: true }, new Date(0));
    expect(incomplete.filter((line) => line.startsWith('Problem'))).toStrictEqual([]);
  });

  it('on a server that is gone are not waited for', async () => {
    const hypervisor = running();
    hypervisor.local = { ...local(), look: () => new Promise(() => {}) };
    vi.useFakeTimers();
    const { own, disks } = await whileTimePasses(shown(hypervisor));
    expect(performance.now()).toBe(1000);
    expect(own?.seed).toMatchObject({ exists: undefined });
    expect(disks).toMatchObject([{ missingBacking: [] }, {}, { exists: undefined }, { exists: undefined }]);
  });

  it('tell the size of a disk that nobody else tells', async () => {
    const hypervisor = Object.assign(running(), { local: local('/images/my-vm/cloudinit.iso') });
    const { disks } = await shown(hypervisor);
    expect(disks.map(({ target, size, exists }) => [target, size?.capacityBytes, exists])).toStrictEqual([
      ['vda', 50 * 2 ** 30, true],
      ['vdb', 100 * 2 ** 30, true],
      ['vdc', undefined, false],
      ['sda', 1024, true],
    ]);
  });
});

describe('an incomplete VM', () => {
  it('is told as such, and not compared with what it was to be', async () => {
    const hypervisor = new FakeHypervisor();
    hypervisor.addDomain('my-vm', ownDocument('creating'), 'shut off');
    expect(await shown(hypervisor)).toMatchObject({ incomplete: true, differences: [] });
  });
});

describe('a VM that there is not', () => {
  it.each([
    ['web-1', ['web-2', 'db'], "did you mean 'web-2'?"],
    ['WEB', ['web', 'db'], "did you mean 'web'?"],
    ['other', ['web'], 'plow list --all shows the VMs there are'],
    ['other', [], 'plow list --all shows the VMs there are'],
    ['vms/web.yaml', ['web', 'db'], "it wants the name of a VM, not a file: 'web'?"],
    ['a.yaml', ['web'], 'it wants the name of a VM, not a file; plow list --all shows the VMs there are'],
  ])('%s among %j: %s', async (name, names, hint) => {
    const hypervisor = hypervisorWith(...names);
    const expected = { kind: 'operation', message: `VM '${name}' does not exist`, hint };
    await expect(showVm(name, hypervisor)).rejects.toMatchObject(expected);
    await expect(vmDocument(name, hypervisor)).rejects.toMatchObject(expected);
  });

  it('since somebody removed it meanwhile is told so', async () => {
    const hypervisor = running();
    hypervisor.fault = (call) => (call === 'Domain.traffic' ? 'not-found' : undefined);
    await expect(shown(hypervisor)).rejects.toMatchObject({
      kind: 'operation',
      message: "VM 'my-vm' was removed by somebody else meanwhile",
    });
  });
});

it('the document of a VM is that which runs', async () => {
  expect(await vmDocument('my-vm', running())).toBe(liveDocument());
});
