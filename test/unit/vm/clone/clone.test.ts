import { describe, expect, it } from 'vitest';
import { endOf } from '../../../../src/libvirt-xml/metadata/end.ts';
import { metadataInDomain } from '../../../../src/libvirt-xml/metadata/read.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import { readDomain } from '../../../../src/libvirt-xml/domain/read.ts';
import { readIso } from '../../../../src/iso9660/read-iso.ts';
import type { Provisioning, Machine } from '../../../../src/config/machine.ts';
import { cloneVm } from '../../../../src/vm/clone/clone.ts';
import type { CloneWish } from '../../../../src/vm/clone/wish.ts';
import { Exporter } from '../../../../src/vm/export/export-vm.ts';
import { presentVm } from '../../../../src/vm/list/unknown-vm.ts';
import { createSnapshot } from '../../../../src/vm/snapshot/create.ts';
import { cloudInit, dataDisk, ED25519, minimalMachine, SECRET } from '../../machines.ts';
import type { TestContext } from '../context.ts';
import { describeError, eachCall, failOnce, thrownBy } from '../each-call.ts';
import { contextWith } from '../export/vms.ts';

const NVRAM = '/var/lib/libvirt/qemu/nvram';

const GUEST = {
  fqdn: 'web.example.com',
  hostname: 'web',
  sshKeys: [ED25519],
  rootPasswordHash: `$6$saltsalt$${SECRET}`,
} as const;

/** A VM that is off, with UEFI variables of its own. */
function source(changes: Partial<Machine> = {}, guest: Partial<Provisioning> = GUEST): TestContext {
  const machine = minimalMachine({
    name: 'web',
    dataDisks: [dataDisk('vdb', 5)],
    provisioning: cloudInit(guest),
    firmware: 'uefi',
    ...changes,
  });
  const context = contextWith(machine);
  context.hypervisor.addDirectory(NVRAM, 'web_VARS.fd');
  context.hypervisor.contents.set(`${NVRAM}/web_VARS.fd`, new TextEncoder().encode('variables'));
  context.hypervisor.addDirectory('/images', 'base.qcow2');
  return context;
}

const WISH: CloneWish = {
  name: 'web-2',
  addresses: ['10.20.30.41/24'],
  snapshot: undefined,
  isLinked: false,
  keepIdentity: false,
  isStarted: undefined,
};

const clone = (context: TestContext, changes: Partial<CloneWish> = {}): Promise<unknown> =>
  cloneVm('web', { ...WISH, ...changes }, context);

function seedOf({ hypervisor }: TestContext, name: string): Readonly<Record<string, string>> {
  const iso = hypervisor.contents.get(`/images/${name}/cloudinit.iso`) ?? new Uint8Array();
  return Object.fromEntries(
    [...readIso(iso)].map(([file, bytes]) => [file, new TextDecoder().decode(bytes)]),
  );
}

const documentOf = ({ hypervisor }: TestContext, name: string): string =>
  hypervisor.domains.get(name)?.xml ?? '';

describe('a clone', () => {
  it('has the disks of a VM that is off, UEFI variables of its own, and runs', async () => {
    const context = source();
    const before = documentOf(context, 'web');
    await clone(context);
    const { hypervisor } = context;
    expect(Object.fromEntries(hypervisor.directories.get('/images/web-2') ?? [])).toStrictEqual({
      'boot.qcow2': `qcow2 ${10 * 2 ** 30}`,
      'data-vdb.qcow2': `qcow2 ${5 * 2 ** 30}`,
      'cloudinit.iso': expect.stringMatching(/^raw \d+$/u) as unknown,
      'console.log': 'raw 0',
    });
    expect(new TextDecoder().decode(hypervisor.contents.get(`${NVRAM}/web-2_VARS.fd`))).toBe('variables');
    expect(hypervisor.domains.get('web-2')).toMatchObject({ state: 'running' });
    expect(documentOf(context, 'web')).toBe(before);
    expect(hypervisor.pools.size).toBe(0);
  });

  it('is another one, for libvirt and for its guest, and has the same users', async () => {
    const context = source();
    await clone(context);
    const document = parseXml(documentOf(context, 'web-2'));
    expect(readDomain(document).interfaces).toMatchObject([{ mac: 'be:ef:0a:14:1e:29' }]);
    expect(document.first('uuid')?.text()).not.toBe('00000000-0000-4000-8000-000000000099');
    const metadata = metadataInDomain(document);
    expect(metadata).toMatchObject({ status: 'ready', directory: '/images/web-2' });
    expect(metadata?.declared).toMatchObject({
      name: 'web-2',
      interfaces: [{ address: '10.20.30.41' }],
      provisioning: { fqdn: 'web-2.example.com', hostname: 'web-2' },
    });
    expect(documentOf(context, 'web-2')).not.toContain(SECRET);
    const seed = seedOf(context, 'web-2');
    expect(seed['meta-data']).toMatch(/^instance-id: web-2-\d+\nlocal-hostname: web-2\n/u);
    expect(seed['user-data']).toContain('fqdn: web-2.example.com');
    expect(seed['user-data']).toContain(SECRET);
    expect(seed['user-data']).toContain(ED25519);
    expect(seed['user-data']).toContain('ssh_deletekeys: true');
    expect(seed['network-config']).toContain('10.20.30.41/24');
    expect(seed['vendor-data']).toMatch(/^#cloud-boothook\n[^]*\/etc\/machine-id/u);
  });

  it('has a console that logs in by itself, once, as the VM has', async () => {
    const context = source({}, { ...GUEST, section: 'provisioning', consoleAutologin: true });
    await clone(context);
    const [seed, own] = [seedOf(context, 'web-2'), seedOf(context, 'web')];
    expect(seed['user-data']?.match(/plow-autologin\.conf/gu)).toHaveLength(1);
    expect(seed['user-data']?.match(/try-restart/gu)).toHaveLength(1);
    expect(own['user-data']?.match(/try-restart/gu)).toHaveLength(1);
    const { draft } = await new Exporter(context).export('web-2');
    expect(draft.values.provisioning?.console_autologin).toBe('root');
  });

  it('is exported without what gave it its machine id, and is cloned again', async () => {
    const context = source();
    await clone(context);
    const exported = await new Exporter(context).export('web-2');
    expect(exported.draft.rest).toStrictEqual([]);
    const off = context.hypervisor.domains.get('web-2');
    if (off !== undefined) off.state = 'shut off';
    const made = await cloneVm('web-2', { ...WISH, name: 'Web-3', addresses: ['10.20.30.42/24'] }, context);
    expect(made.name).toBe('web-3');
    expect(seedOf(context, 'web-3')['user-data']).toContain('fqdn: web-3.example.com');
  });

  it('is told its name in a document of the user’s own, of which all else stays', async () => {
    const userData = '#cloud-config\nhostname: web\nswap:\n  filename: /swap # hostname: x\n';
    const context = source({}, { hostname: 'web', userData, sshPasswordAuth: undefined, sshHostKeys: false });
    await clone(context);
    expect(seedOf(context, 'web-2')['user-data']).toBe(
      '#cloud-config\nhostname: web-2\nswap:\n  filename: /swap # hostname: x\n',
    );
  });

  it('has host keys of its own where a document of the user’s own says others, and it is said', async () => {
    const keys = 'ssh_keys:\n  rsa_private: |\n    secret\n  rsa_public: ssh-rsa x\nssh_deletekeys: false\n';
    const userData = `#cloud-config\nhostname: web\n${keys}swap: {}\n`;
    const context = source({}, { hostname: 'web', userData, sshPasswordAuth: undefined, sshHostKeys: false });
    await clone(context);
    const told = seedOf(context, 'web-2')['user-data'] ?? '';
    expect(told).toMatch(/^#cloud-config\nhostname: web-2\nswap: \{\}\nssh_deletekeys: true\nssh_keys:\n/u);
    expect(told).not.toContain('rsa_private');
    const metadata = metadataInDomain(parseXml(documentOf(context, 'web-2')));
    expect(metadata?.declared.provisioning?.sshHostKeys).toHaveLength(2);
    for (const key of ['ssh_keys', 'ssh_deletekeys'])
      expect(context.progress.lines).toContain(
        `note: ${key} of its user-data is not in the clone, which has other host keys`,
      );
  });

  it('of a guest that cannot be told is made where its identity is to be kept', async () => {
    const script = '#!/bin/sh\nhostnamectl set-hostname web\n';
    const guest = { userData: script, sshPasswordAuth: undefined, sshHostKeys: false, fqdn: undefined };
    const context = source({}, { hostname: 'web', ...guest });
    await clone(context, { keepIdentity: true });
    expect(seedOf(context, 'web-2')['user-data']).toBe(script);
    expect(context.hypervisor.domains.get('web-2')?.state).toBe('shut off');
  });

  it.each([
    ['a lease has one as long, from now on', '$&', '2025-01-09T03:04:05.000Z'],
    ['a lease that was taken away has none', '', undefined],
  ])('of a VM with %s', async (_, kept, expires) => {
    const context = source({ lifetimeMinutes: 7 * 24 * 60 });
    const web = context.hypervisor.domains.get('web');
    if (web !== undefined) web.xml = web.xml.replace(/<plow-end:end [^>]*>/u, kept);
    await clone(context);
    expect(endOf(parseXml(documentOf(context, 'web-2'))).expires).toBe(expires);
    const words = 'note: it has a lease of 7d, as the VM has: plow extend web-2 --for never takes it away';
    expect(context.progress.lines.includes(words)).toBe(expires !== undefined);
  });

  it('of a snapshot stands on its files, while the VM runs', async () => {
    const context = source({ firmware: 'bios' });
    const domain = await presentVm('web', context.hypervisor);
    const asked = { name: 'one', description: undefined, ifMissing: false };
    await createSnapshot(domain, asked, context);
    const running = context.hypervisor.domains.get('web');
    if (running !== undefined) running.state = 'running';
    await clone(context, { snapshot: 'one', isLinked: true });
    expect(readDomain(parseXml(documentOf(context, 'web-2'))).disks).toMatchObject([
      { source: '/images/web-2/boot.qcow2', backing: ['/images/web/boot.qcow2', '/images/base.qcow2'] },
      { source: '/images/web-2/data-vdb.qcow2', backing: ['/images/web/data-vdb.qcow2'] },
      {},
    ]);
    expect(context.hypervisor.calls).not.toContain('Pool.cloneVolume');
  });

  it('that keeps the identity of its source is off unless it is wanted otherwise', async () => {
    for (const isStarted of [undefined, true]) {
      const context = source({ provisioning: undefined });
      await clone(context, { keepIdentity: true, isStarted });
      expect(context.hypervisor.domains.get('web-2')?.state).toBe(isStarted ? 'running' : 'shut off');
      expect(metadataInDomain(parseXml(documentOf(context, 'web-2')))?.status).toBe('ready');
    }
  });
});

describe('no clone is made', () => {
  it.each<[string, TestContext, Partial<CloneWish>, object]>([
    [
      'of a VM without a seed',
      source({ provisioning: undefined }),
      {},
      { message: /no seed/u, hint: /--keep/u },
    ],
    ...[
      ['#!/bin/sh\nhostnamectl set-hostname web\n', /a script or the like/u],
      ['## template: jinja\n#cloud-config\nhostname: {{ v1.region }}\n', /a script or the like/u],
      ['#cloud-config\n"ssh_keys": {}\nswap: {}\n', /host keys in a way that plow cannot change/u],
      ['#cloud-config\npreserve_hostname: true\n', /preserve_hostname/u],
    ].map(
      ([userData, message]) =>
        [
          `of a VM with user-data ${String(userData)}`,
          source({}, { userData: String(userData), sshPasswordAuth: undefined, sshHostKeys: false }),
          {},
          { message, hint: /--keep-identity/u },
        ] as [string, TestContext, Partial<CloneWish>, object],
    ),
    ['with too many addresses', source(), { addresses: ['10.0.0.1/24', '10.0.0.2/24'] }, { hint: /--ip/u }],
    ['with what is no address', source(), { addresses: ['10.0.0.1'] }, { message: /^--ip 10\.0\.0\.1: / }],
    ['of the same name', source(), { name: 'web' }, { message: /^the name of the clone: VM 'web' already/u }],
    ['with a name that no VM has', source(), { name: 'Web 2' }, { message: /^the name of the clone: / }],
    [
      'with its address',
      source(),
      { addresses: ['10.20.30.40/24'] },
      { message: /^--ip .*is used by VM 'web'/u },
    ],
    ['of a snapshot that there is not', source(), { snapshot: 'one' }, { message: /has no snapshot 'one'/u }],
  ])('%s', async (_, context, changes, expected) => {
    const before = context.hypervisor.census();
    const error = await thrownBy(clone(context, changes));
    for (const [key, words] of Object.entries(expected))
      expect((error as Record<string, unknown>)[key]).toMatch(words as RegExp);
    expect(context.hypervisor.census()).toStrictEqual(before);
  });

  it('of a VM that runs, and it is said what to do', async () => {
    const context = source();
    const running = context.hypervisor.domains.get('web');
    if (running !== undefined) running.state = 'running';
    expect(await thrownBy(clone(context))).toMatchObject({
      kind: 'operation',
      message: "VM 'web' cannot be cloned: it is running, and its disks change while they are copied",
      hint: expect.stringContaining('--snapshot') as unknown,
    });
  });

  it('of a raw disk into which the guest wrote what libvirt takes for an image on another file', async () => {
    const context = source({ bootDisk: { ...minimalMachine().bootDisk, image: undefined, format: 'raw' } });
    context.hypervisor.directories.get('/images/web')?.set('boot.raw', `qcow2 ${2 ** 30}`);
    expect(await thrownBy(clone(context))).toMatchObject({
      message: "VM 'web' cannot be cloned: /images/web/boot.raw is raw, and libvirt takes it for qcow2",
    });
  });

  it('of a name that NVRAM is there of', async () => {
    const context = source();
    context.hypervisor.directories.get(NVRAM)?.set('web-2_VARS.fd', 'raw 1');
    const before = context.hypervisor.census();
    expect(await thrownBy(clone(context))).toMatchObject({
      kind: 'storage',
      message: `${NVRAM}/web-2_VARS.fd is there already: the UEFI variables of a VM that is gone`,
    });
    expect(context.hypervisor.census()).toStrictEqual(before);
  });
});

describe('a clone that fails', () => {
  it('at any call takes back all that it made, and the source is as it was', async () => {
    const outcomes = await eachCall({ prepare: source, run: (context) => clone(context) }, failOnce);
    const verdicts = outcomes.map(({ call, error, context, unchanged }) => {
      const told = describeError(error);
      if (told === 'success')
        return context.hypervisor.domains.get('web-2')?.state === 'running' ? 'it runs' : 'silent';
      return unchanged ? 'taken back' : `${call}: ${told}`;
    });
    expect(new Set(verdicts)).toStrictEqual(new Set(['taken back', 'it runs']));
  });

  it('costs so many calls', async () => {
    const context = source();
    await clone(context);
    const counts = new Map<string, number>();
    for (const call of context.hypervisor.calls) counts.set(call, (counts.get(call) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toMatchInlineSnapshot(`
      {
        "Domain.autostart": 1,
        "Domain.isPersistent": 1,
        "Domain.missingFiles": 1,
        "Domain.setMetadata": 2,
        "Domain.snapshotCount": 1,
        "Domain.snapshots": 1,
        "Domain.start": 1,
        "Domain.status": 1,
        "Domain.wholeDocument": 1,
        "Domain.xml": 1,
        "Pool.cloneVolume": 2,
        "Pool.createVolume": 3,
        "Pool.findVolume": 14,
        "Pool.refresh": 1,
        "Pool.stop": 9,
        "Pool.volumeNames": 1,
        "Pool.xml": 1,
        "Volume.download": 2,
        "Volume.upload": 2,
        "Volume.xml": 12,
        "capabilities": 2,
        "defineDomain": 1,
        "domainCapabilities of x86_64 q35 kvm": 1,
        "domainDocuments": 2,
        "findDomain": 1,
        "findInterface": 1,
        "findPoolByPath": 3,
        "memory": 1,
        "startPool": 9,
        "startPool with build": 1,
      }
    `);
  });
});
