import { lookedAt } from '../vm/listed.ts';
import { describe, expect, it } from 'vitest';
import { connect, threadsFor } from '../../../src/libvirt/connect.ts';
import { Connection } from '../../../src/libvirt/connection/connection.ts';
import type { Pointer } from '../../../src/libvirt/abi/native.ts';
import { OTHER_THREADS, OVERLAP } from '../../../src/libvirt/connection/concurrency.ts';
import {
  mostAtOnce,
  connectToMany,
  connectToTest,
  domainDocument,
  poolDocument,
  TEST_URI,
  volumeDocument,
} from './test-driver.ts';
import type { Call } from './test-driver.ts';

describe('a connection for looking', () => {
  it('asks for no bytes of files, which it would not be given', async () => {
    const calls: string[] = [];
    const { hypervisor, close } = await connect(TEST_URI, {
      observe: (name) => calls.push(name),
      access: 'read-only',
    });
    const before = calls.length;
    const wanted = [{ directory: '/a', files: ['b'], poolXml: poolDocument('lent') }];
    expect(await hypervisor.fileHeads(wanted, { mostBytes: 512, withinMs: 1000 })).toStrictEqual({
      heads: new Map(),
      silent: new Set(['/a']),
      unstopped: [],
    });
    expect(calls.slice(before)).toStrictEqual([]);
    expect(await close()).toBe(0);
  });
});

/** A connection as to this machine or to elsewhere, with its calls, filled as they end. */
async function openTest(
  how: keyof typeof OVERLAP,
): Promise<{ readonly connection: Connection; readonly calls: readonly Call[] }> {
  const calls: Call[] = [];
  const observe = (name: string, milliseconds: number): void => {
    const end = performance.now();
    calls.push({ name, start: end - milliseconds, end });
  };
  const connection = await Connection.open(TEST_URI, { overlap: OVERLAP[how], observe });
  calls.length = 0;
  return { connection, calls };
}

function lookUp(connection: Connection, name: string): Promise<Pointer<'virDomain'> | undefined> {
  return connection.findObject('virDomain', 'virDomainLookupByName', connection.pointer, name);
}

describe('connecting', () => {
  it.each([
    'nonsense',
    '',
    'qemu',
    'qemu:/system',
    'lxc:///system',
    'xen:///',
    'https://example.com/',
    'qemu:///embed?root=/tmp/x',
    'qemu:///',
    'qemu:///system/',
    'qemu+ssh://hv1',
    'qemu+unix:///embed?socket=/system',
    'qemu:///system with words',
    '../../etc/passwd',
  ])('to %j is refused before libvirt is asked', async (uri) => {
    await expect(connect(uri)).rejects.toMatchObject({
      name: 'PlowError',
      kind: 'connection',
      message: `'${uri}' is not a libvirt URI that plow can use`,
    });
  });

  it.each([
    [
      'qemu+unix:///system?socket=/nosuch/socket',
      'libvirtd is not running',
      "virConnectOpen: Failed to connect socket to '/nosuch/socket': No such file or directory [code 38, domain 7]",
    ],
    [
      'qemu+nosuch:///system',
      'invalid argument: remote_open: transport in URL not recognised (should be tls|unix|ssh|ext|tcp|libssh2|libssh)',
      'virConnectOpen: invalid argument: remote_open: transport in URL not recognised ' +
        '(should be tls|unix|ssh|ext|tcp|libssh2|libssh) [code 8, domain 13]',
    ],
  ])('to %s says why it failed, with what libvirt said', async (uri, why, detail) => {
    await expect(connect(uri)).rejects.toMatchObject({
      name: 'PlowError',
      kind: 'connection',
      message: `cannot connect to ${uri}: ${why}`,
      detail,
      hint: expect.any(String),
    });
  });

  it.each(['qemu+nosuch://me:geheim@hv1/system', 'lxc://me:geheim@hv1/'])(
    'to %s repeats no password',
    async (uri) => {
      const error: unknown = await connect(uri).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ kind: 'connection', message: expect.stringContaining('//me:***@hv1/') });
      expect(JSON.stringify(error) + String(error)).not.toContain('geheim');
    },
  );

  it('fails and succeeds side by side, each for itself', async () => {
    const failing = connect('qemu+nosuch:///system').catch((error: unknown) => error);
    const connection = await connect(TEST_URI);
    expect(await failing).toMatchObject({ kind: 'connection' });
    expect(await connection.hypervisor.findDomain('test')).toBeDefined();
    expect(await connection.close()).toBe(0);
  });
});

describe('a connection', () => {
  it('leaves no reference after many calls, some of which fail', async () => {
    const connection = await connectToTest();
    const { hypervisor } = connection;
    const domain = await hypervisor.defineDomain(domainDocument('my-vm'));
    const pool = await hypervisor.startPool(poolDocument('my-pool'), { build: false });
    const volume = await pool.createVolume(volumeDocument('a.img'));
    const works = [
      () => hypervisor.findDomain('nosuch'),
      () => hypervisor.findDomain('test'),
      () => hypervisor.defineDomain('<junk/>'),
      () => lookedAt(hypervisor),
      () => hypervisor.listPools(),
      () => hypervisor.findPoolByPath('/my-pool'),
      () => hypervisor.findInterface('eth1'),
      () => hypervisor.capabilities(),
      () => domain.xml('stored'),
      () => domain.forceOff(),
      () => pool.volumeNames(),
      () => pool.findVolume('a.img'),
      () => volume.upload(new Uint8Array(1000)),
    ];
    const outcomes = await Promise.allSettled([...works, ...works].map((work) => work()));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(8);
    expect(await connection.close()).toBe(0);
  });

  it('on this machine makes its calls one at a time and in order', async () => {
    const { connection, calls } = await openTest('near');
    await Promise.all([
      ...Array.from({ length: 20 }, () => lookUp(connection, 'test')),
      connection.call('virConnectGetCapabilities', connection.pointer),
      ...Array.from({ length: 20 }, () => lookUp(connection, 'nosuch')),
    ]);
    const names = calls.map(({ name }) => name);
    expect(names).toHaveLength(41);
    expect(names.indexOf('virConnectGetCapabilities')).toBe(20);
    expect(mostAtOnce(calls)).toBe(1);
    await connection.close();
  });

  it('on this machine overlaps the calls of a batch, and no others with them', async () => {
    const { connection, calls } = await openTest('near');
    const questions = Array.from({ length: 150 }, () => [connection.pointer, 'test']);
    const [found] = await Promise.all([
      connection.callBatch('virDomainLookupByName', questions),
      connection.call('virConnectGetCapabilities', connection.pointer),
    ]);
    for (const one of found) connection.adopt('virDomain', one as Pointer<'virDomain'>);
    const batch = calls.filter(({ name }) => name === 'virDomainLookupByName');
    expect(batch).toHaveLength(150);
    expect(mostAtOnce(batch)).toBeLessThanOrEqual(OVERLAP.near);
    const [capabilities] = calls.filter(({ name }) => name === 'virConnectGetCapabilities');
    const during = batch.filter(({ start, end }) => {
      return start < (capabilities?.end ?? 0) && end > (capabilities?.start ?? 0);
    });
    expect(during).toStrictEqual([]);
    expect(await connection.close()).toBe(0);
  });

  it('to elsewhere overlaps calls that only look, each with its own answer', async () => {
    const { connection, calls } = await openTest('far');
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => lookUp(connection, index % 2 === 0 ? 'test' : 'nosuch')),
    );
    expect(mostAtOnce(calls)).toBeGreaterThan(1);
    expect(answers.map((found) => found !== undefined)).toStrictEqual(
      answers.map((_, index) => index % 2 === 0),
    );
    expect(await connection.close()).toBe(0);
  });

  it('to elsewhere makes a change beside nothing, after all that was asked before', async () => {
    const { connection, calls } = await openTest('far');
    const { pointer } = connection;
    const looks = Array.from({ length: 20 }, () => lookUp(connection, 'test'));
    const defining = connection.callObject(
      'virDomain',
      'virDomainDefineXMLFlags',
      pointer,
      domainDocument('a'),
      0,
    );
    const [found] = await Promise.all([lookUp(connection, 'a'), defining, ...looks]);
    expect(found).toBeDefined();
    const change = calls.findIndex(({ name }) => name === 'virDomainDefineXMLFlags');
    expect(change).toBe(20);
    const { start = 0, end = 0 } = calls[change] ?? {};
    expect(calls.filter((one) => one.start < end && one.end > start)).toHaveLength(1);
    expect(await connection.close()).toBe(0);
  });

  it('overlaps the calls of a batch', async () => {
    const connection = await connectToMany(150);
    const { hypervisor, calls } = connection;
    const listing = lookedAt(hypervisor);
    await Promise.all([listing, hypervisor.capabilities()]);
    const metadata = calls.filter(({ name }) => name === 'virDomainGetXMLDesc');
    expect(metadata).toHaveLength(150);
    expect(mostAtOnce(metadata)).toBeGreaterThan(10);
    expect(mostAtOnce(metadata)).toBeLessThanOrEqual(128);
    await connection.close();
  });

  it('finishes what was asked before it closes', async () => {
    const connection = await Connection.open(TEST_URI);
    const finding = connection.callString('virConnectGetCapabilities', connection.pointer);
    expect(await connection.close()).toBe(0);
    expect(await finding).toContain('<capabilities>');
  });
});

describe('threads', () => {
  it('are as many as the calls that overlap need, few for this machine', () => {
    expect(threadsFor('qemu:///system')).toBe(OVERLAP.near + OTHER_THREADS);
    expect(threadsFor('qemu+ssh://root@hv2/system')).toBe(OVERLAP.far + OTHER_THREADS);
    expect(threadsFor('qemu:///system', '')).toBe(OVERLAP.near + OTHER_THREADS);
  });

  it('are as many as the user says, but never too few for the event loop and a call', () => {
    expect(threadsFor('qemu:///system', '40')).toBe(40);
    for (const few of ['0', '1', '-3']) expect(threadsFor('qemu:///system', few)).toBe(OTHER_THREADS + 1);
    expect(threadsFor('qemu:///system', 'many')).toBe(OVERLAP.near + OTHER_THREADS);
  });
});
