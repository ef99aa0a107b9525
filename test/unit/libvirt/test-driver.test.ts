import { LIST_TABLE, lookedAt } from '../vm/listed.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenHypervisor } from '../../../src/libvirt/connect.ts';
import type { HypervisorErrorDetails } from '../../../src/errors/hypervisor-error.ts';
import { GUARD_NAMESPACE, isProtected } from '../../../src/libvirt-xml/metadata/guard.ts';
import { guardElement } from '../../../src/libvirt-xml/metadata/write.ts';
import { METADATA_NAMESPACE } from '../../../src/libvirt-xml/metadata/metadata.ts';
import { readDomain } from '../../../src/libvirt-xml/domain/read.ts';
import { readNetworkBridge } from '../../../src/libvirt-xml/read/network.ts';
import { readInterface } from '../../../src/libvirt-xml/read/host-interface.ts';
import { parseXml } from '../../../src/libvirt-xml/read/parse.ts';
import { readPool, readVolume } from '../../../src/libvirt-xml/read/storage.ts';
import type { Domain } from '../../../src/hypervisor/domain.ts';
import type { Hypervisor } from '../../../src/hypervisor/hypervisor.ts';
import { connectToMany, connectToTest, domainDocument, poolDocument, volumeDocument } from './test-driver.ts';

let connection: OpenHypervisor;
let hypervisor: Hypervisor;

beforeEach(async () => {
  connection = await connectToTest();
  ({ hypervisor } = connection);
});

/** After every test, whatever it did: nothing that libvirt counts is left. */
afterEach(async () => {
  const references = await connection.close();
  if (references !== 0) throw new Error(`${references} references are left`);
});

async function define(name: string, metadata?: string): Promise<Domain> {
  return hypervisor.defineDomain(domainDocument(name, metadata));
}

describe('a domain', () => {
  it('is defined, found, started, stopped and undefined', async () => {
    const domain = await define('my-vm');
    expect(domain.name).toBe('my-vm');
    const found = await hypervisor.findDomain('my-vm');
    const states = [await found?.state()];
    await domain.start();
    states.push(await found?.state());
    await domain.forceOff();
    states.push(await found?.state());
    await domain.start();
    await domain.shutdown(1000);
    states.push(await found?.state());
    expect(states).toStrictEqual(['shut off', 'running', 'shut off', 'shut off']);
    await domain.setAutostart(true);
    await domain.undefine();
    expect(await hypervisor.findDomain('my-vm')).toBeUndefined();
  });

  it('gets CPUs and memory, the most and what is stored', async () => {
    const domain = await define('my-vm');
    await domain.setVcpus(4, 'stored maximum');
    await domain.setVcpus(2, 'stored');
    await domain.setMemory(2 ** 20, 'stored maximum');
    await domain.setMemory(2 ** 19, 'stored');
    expect(readDomain(parseXml(await domain.xml('stored')))).toMatchObject({
      vcpus: 2,
      maximumVcpus: 4,
      memoryKib: 2 ** 20,
      currentMemoryKib: 2 ** 19,
    });
    await domain.setVcpus(1, 'stored maximum');
    await domain.setMemory(2 ** 18, 'stored maximum');
    expect(readDomain(parseXml(await domain.xml('stored')))).toMatchObject({
      vcpus: 1,
      maximumVcpus: 1,
      memoryKib: 2 ** 18,
      currentMemoryKib: 2 ** 18,
    });
  });

  it('keeps the metadata that is set, in its own namespace', async () => {
    const domain = await define('my-vm');
    await domain.setMetadata('<vm status="ready">\u00e9 &lt;x&gt; \u{1f600}</vm>', METADATA_NAMESPACE);
    expect(await domain.xml('stored')).toContain(
      `<plow:vm xmlns:plow="${METADATA_NAMESPACE.uri}" status="ready">\u00e9 &lt;x&gt; \u{1f600}</plow:vm>`,
    );
  });
});

describe('two elements of metadata', () => {
  it('are kept apart, and one is taken away alone', async () => {
    const domain = await define('my-vm');
    await domain.setMetadata('<vm status="ready"/>', METADATA_NAMESPACE);
    await domain.setMetadata(guardElement(domain.uuid), GUARD_NAMESPACE);
    expect(isProtected(parseXml(await domain.xml('stored')))).toBe(true);
    await domain.setMetadata(undefined, GUARD_NAMESPACE);
    const stored = await domain.xml('stored');
    expect(isProtected(parseXml(stored))).toBe(false);
    expect(stored).toContain(METADATA_NAMESPACE.uri);
    expect(stored).not.toContain(GUARD_NAMESPACE.uri);
    await domain.undefine();
  });
});

describe('the list of domains', () => {
  const element = `<p:vm xmlns:p='${METADATA_NAMESPACE.uri}' status='ready'/>`;

  it('shows domains of plow and of others, running or not', async () => {
    await define('off', element);
    await (await define('on', element)).start();
    await (await define('other')).start();
    const listed = await lookedAt(hypervisor);
    const rows = listed.toSorted((a, b) => a.name.localeCompare(b.name));
    const brief = rows.map(({ name, info, active, xml, seen }) => [
      name,
      info?.state,
      active,
      info?.vcpus,
      info?.memoryKib,
      xml?.includes(METADATA_NAMESPACE.uri),
      xml?.includes(`<name>${name}</name>`),
      seen.map(({ source, address }) => `${source} ${address}`),
    ]);
    const seenByAll = ['agent', 'lease', 'arp'].map((source) => `${source} 192.168.122.3`);
    expect(brief).toStrictEqual([
      ['off', 'shut off', false, 3, 524_288, true, true, []],
      ['on', 'running', true, 3, 524_288, true, true, []],
      ['other', 'running', true, 3, 524_288, false, true, []],
      ['test', 'running', true, 2, 8_388_608, false, true, seenByAll],
    ]);
    expect(rows.find(({ name }) => name === 'test')?.uuid).toBe('6695eb01-f6a4-8304-79aa-97f2502e193f');
  });

  it('leaves stopped domains out when they are not asked for', async () => {
    await define('off');
    const rows = await lookedAt(hypervisor, { ...LIST_TABLE, activeOnly: true });
    expect(rows.map(({ name }) => name)).toStrictEqual(['test']);
  });

  it('may be longer than the number of calls that koffi takes at a time', async () => {
    const many = await connectToMany(600);
    const rows = await lookedAt(many.hypervisor);
    expect(rows.filter(({ xml }) => xml !== undefined)).toHaveLength(600);
    expect(await many.close()).toBe(0);
  });

  it('may be empty', async () => {
    await (await hypervisor.findDomain('test'))?.forceOff();
    expect(await lookedAt(hypervisor, { ...LIST_TABLE, activeOnly: true })).toStrictEqual([]);
  });
});

describe('storage', () => {
  it('is a pool that is defined, started, stopped and undefined', async () => {
    const pool = await hypervisor.definePool(poolDocument('my-pool'));
    expect(await pool.isActive()).toBe(false);
    await pool.start();
    await pool.refresh();
    expect([pool.name, await pool.isActive()]).toStrictEqual(['my-pool', true]);
    expect(readPool(await pool.xml()).path).toBe('/my-pool');
    expect((await hypervisor.listPools()).map(({ name }) => name).toSorted()).toStrictEqual([
      'default-pool',
      'my-pool',
    ]);
    await pool.stop();
    await pool.removeDirectory();
    await pool.undefine();
    expect((await hypervisor.listPools()).map(({ name }) => name)).toStrictEqual(['default-pool']);
  });

  it('is a transient pool that stops for good', async () => {
    const pool = await hypervisor.startPool(poolDocument('my-pool'), { build: false });
    expect(await pool.isActive()).toBe(true);
    await pool.stop();
    expect(await hypervisor.listPools()).toHaveLength(1);
  });

  it('is volumes that are made, copied, found, listed and deleted', async () => {
    const pool = await hypervisor.startPool(poolDocument('my-pool'), { build: false });
    expect(await pool.volumeNames()).toStrictEqual([]);
    const volume = await pool.createVolume(volumeDocument('a.img'));
    const copy = await pool.cloneVolume(volumeDocument('b.img'), volume);
    expect([volume.name, copy.name]).toStrictEqual(['a.img', 'b.img']);
    expect(readVolume(await volume.xml())).toMatchObject({
      path: '/my-pool/a.img',
      format: 'raw',
      capacityBytes: 1024,
    });
    expect((await pool.volumeNames()).toSorted()).toStrictEqual(['a.img', 'b.img']);
    await volume.delete();
    expect(await pool.findVolume('a.img')).toBeUndefined();
    expect((await pool.findVolume('b.img'))?.name).toBe('b.img');
    await pool.stop();
  });
});

it('capabilities and interfaces are documents', async () => {
  expect(await hypervisor.capabilities()).toContain('<capabilities>');
  const found = await hypervisor.findInterface('eth1');
  expect(found).toMatchObject({ name: 'eth1', link: 'up', addresses: undefined });
  expect(readInterface(found?.xml ?? '')).toMatchObject({ type: 'ethernet', addresses: ['192.168.0.5/24'] });
  expect(await hypervisor.findInterface('nosuch')).toBeUndefined();
  expect(await hypervisor.listInterfaces()).toStrictEqual([found]);
});

it('the network that there is has a bridge', async () => {
  expect(readNetworkBridge((await hypervisor.networkXml('default')) ?? '')).toBe('virbr0');
  expect(await hypervisor.networkXml('nosuch')).toBeUndefined();
});

it('versions are numbers, and disks those of domains that have any', async () => {
  expect(await hypervisor.libvirtVersion()).toBeGreaterThanOrEqual(7_002_000);
  expect(await hypervisor.qemuVersion()).toBe(2);
  expect(await hypervisor.diskUsages()).toStrictEqual([]);
  expect(hypervisor.local).toBeUndefined();
});

async function anyPool(): ReturnType<Hypervisor['startPool']> {
  return hypervisor.startPool(poolDocument('my-pool'), { build: false });
}

async function undefinedDomain(): Promise<Domain> {
  const domain = await hypervisor.defineDomain(
    domainDocument('my-vm').replace('<name>', '<uuid>0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f</uuid><name>'),
  );
  await domain.undefine();
  return domain;
}

describe('an error', () => {
  const gone =
    "Domain not found: no domain with matching uuid '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f' (my-vm)";

  it.each<[string, () => Promise<unknown>, HypervisorErrorDetails & { message: string }]>([
    [
      'of a document that is none',
      () => hypervisor.defineDomain('<pool/>'),
      {
        message: "XML error: expecting root element of 'domain', not 'pool'",
        reason: 'other',
        call: 'virDomainDefineXMLFlags',
        code: 27,
        domain: 5,
      },
    ],
    [
      'of a name that is taken',
      () => hypervisor.defineDomain(domainDocument('test')),
      {
        message:
          "operation failed: domain 'test' already exists with uuid 6695eb01-f6a4-8304-79aa-97f2502e193f",
        reason: 'already-exists',
        call: 'virDomainDefineXMLFlags',
        code: 9,
        domain: 20,
      },
    ],
    [
      'of a domain that does not run',
      async () => (await define('my-vm')).forceOff(),
      {
        message: 'Requested operation is not valid: domain is not running',
        reason: 'not-running',
        call: 'virDomainDestroy',
        code: 55,
        domain: 20,
      },
    ],
    [
      'of a state that cannot be read',
      async () => (await undefinedDomain()).state(),
      { message: gone, reason: 'not-found', call: 'virDomainGetState', code: 42, domain: 12 },
    ],
    [
      'of a document that cannot be read',
      async () => (await undefinedDomain()).xml('live'),
      { message: gone, reason: 'not-found', call: 'virDomainGetXMLDesc', code: 42, domain: 12 },
    ],
    [
      'of a domain that is gone already',
      async () => (await undefinedDomain()).undefine(),
      { message: gone, reason: 'not-found', call: 'virDomainUndefineFlags', code: 42, domain: 12 },
    ],
    [
      'of a pool whose name is taken',
      () => hypervisor.startPool(poolDocument('default-pool'), { build: false }),
      {
        message:
          "operation failed: pool 'default-pool' already exists with uuid dfe224cb-28fb-8dd0-c4b2-64eb3f0f4566",
        reason: 'already-exists',
        call: 'virStoragePoolCreateXML',
        code: 9,
        domain: 18,
      },
    ],
    [
      'of what the driver cannot do',
      async () => (await (await anyPool()).createVolume(volumeDocument('a'))).upload(new Uint8Array(10)),
      {
        message: 'this function is not supported by the connection driver: virStorageVolUpload',
        reason: 'unsupported',
        call: 'virStorageVolUpload',
        code: 3,
        domain: 18,
      },
    ],
    [
      'of a volume that is gone already',
      async () => {
        const volume = await (await anyPool()).createVolume(volumeDocument('a'));
        await volume.delete();
        await volume.delete();
      },
      {
        message: "Storage volume not found: no storage vol with matching name 'a'",
        reason: 'not-found',
        call: 'virStorageVolDelete',
        code: 50,
        domain: 12,
      },
    ],
  ])('%s is exactly the one of libvirt', async (_, work, { message, ...details }) => {
    const error: unknown = await work().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'HypervisorError', message, ...details });
  });

  it('belongs to the call that failed, however many are under way', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        if (index % 3 === 0) return (await hypervisor.findDomain('test'))?.name;
        const work = index % 3 === 1 ? hypervisor.defineDomain(`<x${index}/>`) : define('test');
        return work.catch((error: unknown) => String(error));
      }),
    );
    const expected = outcomes.map((_, index) => {
      if (index % 3 === 0) return 'test';
      if (index % 3 === 1)
        return `HypervisorError: XML error: expecting root element of 'domain', not 'x${index}'`;
      return "HypervisorError: operation failed: domain 'test' already exists with uuid 6695eb01-f6a4-8304-79aa-97f2502e193f";
    });
    expect(outcomes).toStrictEqual(expected);
  });
});
