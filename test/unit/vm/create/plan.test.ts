import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../../src/config/machine.ts';
import { domainXml } from '../../../../src/libvirt-xml/domain/write.ts';
import { createVm } from '../../../../src/vm/create/create.ts';
import { planVm } from '../../../../src/vm/create/plan.ts';
import type { HostChoices, VmPlan } from '../../../../src/vm/create/plan.ts';
import { prepareCreate } from '../../../../src/vm/create/prepare.ts';
import { bootDisk, fullMachine, loaded, minimalMachine, SECRET } from '../../machines.ts';
import { testContext } from '../context.ts';
import type { TestContext } from '../context.ts';

const HOST: HostChoices = {
  arch: 'x86_64',
  virtType: 'kvm',
  baseImage: { format: 'qcow2' },
  qemuUser: { uid: 64055, gid: 108 },
};
const ORIGIN = {
  uuid: '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f',
  createdAt: new Date('2025-01-02T03:04:05Z'),
  version: '0.1.0',
  storagePath: '/images',
};
const RAW = minimalMachine({
  bootDisk: bootDisk({ sizeGib: 10, image: '/images/base.qcow2', format: 'raw' }),
});

function host(): TestContext {
  const context = testContext();
  context.hypervisor.addDirectory('/images', 'base.qcow2', 'base.raw', 'other.img', 'notes.txt');
  return context;
}

describe('the plan of a VM', () => {
  it('says what is made, in its order', () => {
    const { directory, disks, seed, autostart } = planVm(fullMachine(), HOST, ORIGIN);
    expect(directory).toStrictEqual({
      path: '/images/my-vm',
      access: { mode: 0o710, owner: 0, group: 108 },
    });
    expect(disks).toMatchObject([
      {
        name: 'boot.qcow2',
        path: '/images/my-vm/boot.qcow2',
        from: { image: '/images/base.qcow2', how: 'overlay', format: 'qcow2' },
      },
      { name: 'data-vdb.qcow2', format: 'qcow2', bytes: 100 * 2 ** 30, from: undefined },
      { name: 'data-vdc.qcow2', format: 'qcow2', bytes: 200 * 2 ** 30, from: undefined },
    ]);
    expect(seed?.files.map(({ name }) => name)).toStrictEqual(['user-data', 'meta-data', 'network-config']);
    expect(seed?.volume).toMatchObject({ name: 'cloudinit.iso', format: 'raw', bytes: seed?.bytes.length });
    expect(autostart).toBe(true);
  });

  it('is a plain value, the same for the same VM file, facts, UUID and time', () => {
    const plan = planVm(fullMachine(), HOST, ORIGIN);
    const isSame = (other: VmPlan): boolean => isDeepStrictEqual(other, plan);
    expect(isSame(structuredClone(plan))).toBe(true);
    expect(isSame(planVm(fullMachine(), HOST, ORIGIN))).toBe(true);
    expect(isSame(planVm(fullMachine(), HOST, { ...ORIGIN, createdAt: new Date(0) }))).toBe(false);
  });

  it('has secrets in the seed and nowhere else', () => {
    const { seed, ...rest } = planVm(fullMachine(), HOST, ORIGIN);
    expect(new TextDecoder().decode(seed?.bytes)).toContain(SECRET);
    expect(JSON.stringify(rest)).not.toContain(SECRET);
  });

  it('marks the domain as being created until all is there', () => {
    const machine = fullMachine({ description: '<plow:vm status="creating">, or status="creating"' });
    const { domain, metadata } = planVm(machine, HOST, ORIGIN);
    const placement = { arch: 'x86_64', virtType: 'kvm', backingFormat: 'qcow2', metadata } as const;
    expect(domain.complete).toBe(domainXml(machine, placement));
    const creating = { ...metadata, status: 'creating' } as const;
    expect(domain.reserved).toBe(domainXml(machine, { ...placement, metadata: creating }));
    expect(domain.claimed).toContain('status="creating" claimed="yes"');
    expect(domain.ready).toContain('status="ready"');
    expect(metadata).toMatchObject({ status: 'ready', uuid: ORIGIN.uuid, directory: '/images/my-vm' });
  });

  it.each<[string, Machine]>([
    ['everything', fullMachine()],
    ['the least', minimalMachine()],
    ['a copy of the image', RAW],
  ])('with %s is what create makes', async (_, machine) => {
    const dry = await prepareCreate(loaded(machine), host());
    const context = host();
    const { uuid } = await createVm(loaded(machine), context);
    expect(uuid).toBe(dry.plan.uuid);
    const { directories, domains } = context.hypervisor;
    const made = Object.fromEntries(directories.get(dry.plan.directory.path) ?? []);
    expect(made).toStrictEqual(Object.fromEntries(volumesIn(dry.plan)));
    expect(domains.get('my-vm')).toMatchObject({
      xml: dry.plan.domain.complete,
      autostart: machine.autostart,
    });
  });
});

/** As the fake hypervisor has them. */
function volumesIn({ disks, seed, consoleLog }: VmPlan): readonly (readonly [string, string])[] {
  const all = seed === undefined ? disks : [...disks, seed.volume];
  return [...all, consoleLog].map(({ name, format, bytes }) => [name, `${format} ${bytes}`]);
}
