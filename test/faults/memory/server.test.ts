import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METADATA_NAMESPACE } from '../../../src/libvirt-xml/metadata/metadata.ts';
import { connect } from '../../../src/libvirt/connect.ts';
import type { Hypervisor } from '../../../src/hypervisor/hypervisor.ts';
import { startLab } from '../../lab/lab.ts';
import type { Lab } from '../../lab/lab.ts';
import { tally } from '../tally.ts';
import { POOL, serverDomain, serverVolume } from './calls.ts';
import { growthPerRound, inWords, LEAK_PER_ROUND } from './native-memory.ts';
import { failing, list, on, times } from './workloads.ts';
import type { Workload } from './workloads.ts';

const BYTES = new Uint8Array(600_000);

let lab: Lab;
let calls = 0;

beforeAll(async () => {
  lab = await startLab();
  const { hypervisor, close } = await connect(lab.uri('h1'));
  for (let index = 0; index < 40; index += 1) await hypervisor.defineDomain(domain(`vm${index}`));
  await close();
  for (const work of Object.values(WORKLOADS)) calls += await work();
});

afterAll(async () => {
  tally('libvirt calls for memory', calls);
  await lab.stop();
});

/** Of plow. */
function domain(name: string): string {
  const metadata = `<p:vm xmlns:p='${METADATA_NAMESPACE.uri}' status='ready'/>`;
  return serverDomain(name).replace('<memory>', `<metadata>${metadata}</metadata><memory>`);
}

async function defineAndUndefine(hypervisor: Hypervisor): Promise<void> {
  const defined = await hypervisor.defineDomain(domain('memory'));
  await defined.setMetadata('<vm/>', METADATA_NAMESPACE);
  await defined.xml('stored');
  await failing(defined.forceOff());
  await defined.undefine();
  await failing(defined.state());
  await failing(hypervisor.defineDomain('<junk/>'));
}

async function upload(hypervisor: Hypervisor): Promise<void> {
  const pool = await hypervisor.startPool(POOL, { build: true });
  const volume = await pool.createVolume(serverVolume('a', BYTES.length));
  await volume.upload(BYTES);
  expect(Buffer.compare((await volume.download(BYTES.length)) ?? Buffer.alloc(0), BYTES)).toBe(0);
  expect(await volume.download(BYTES.length - 1)).toBeUndefined();
  await pool.volumeNames();
  await pool.findVolume('nosuch');
  await failing(pool.removeDirectory());
  await volume.delete();
  await failing(volume.upload(BYTES));
  await pool.stop();
}

/** On the lab's libvirtd, which starts after the table of tests is read. */
const onServer =
  (work: (hypervisor: Hypervisor) => Promise<void>): Workload =>
  () =>
    on(lab.uri('h1'), work)();

const WORKLOADS: Readonly<Record<string, Workload>> = {
  'lists of 40 VMs': onServer((hypervisor) => times(15, () => list(hypervisor))),
  'documents of 40 VMs': onServer((hypervisor) => times(15, () => hypervisor.domainDocuments())),
  'domains made and unmade': onServer((hypervisor) => times(60, () => defineAndUndefine(hypervisor))),
  'pools and uploads': onServer((hypervisor) => times(40, () => upload(hypervisor))),
  async connections() {
    const work = onServer(async (hypervisor) => void (await hypervisor.capabilities()));
    await times(60, work);
    return 120;
  },
  // libvirt's event loop has a user at any time, and is never seen at rest.
  async 'connections that overlap'() {
    let last = await connect(lab.uri('h1'));
    await times(60, async () => {
      const next = await connect(lab.uri('h1'));
      await next.hypervisor.capabilities();
      await last.close();
      last = next;
    });
    await last.close();
    return 61 + 60;
  },
};

describe('memory in use stays as it is on a real server', () => {
  it.each(Object.entries(WORKLOADS))('by %s', async (name, work) => {
    const grown = await growthPerRound(async () => {
      calls += await work();
    });
    console.log(`a round of ${name}: ${inWords(grown)}`);
    expect(grown.malloc).toBeLessThan(LEAK_PER_ROUND);
  });

  it('in more than 10,000 calls', () => {
    console.log(`${calls} calls of a real server`);
    expect(calls).toBeGreaterThan(10_000);
  });
});
