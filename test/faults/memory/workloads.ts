import { LIST_ALL, lookedAt } from '../../unit/vm/listed.ts';
import { METADATA_NAMESPACE } from '../../../src/libvirt-xml/metadata/metadata.ts';
import { connect } from '../../../src/libvirt/connect.ts';
import type { OpenHypervisor } from '../../../src/libvirt/connect.ts';
import type { Hypervisor } from '../../../src/hypervisor/hypervisor.ts';
import {
  connectToMany,
  domainDocument,
  poolDocument,
  TEST_URI,
  volumeDocument,
} from '../../unit/libvirt/test-driver.ts';

/** Something done over and over, and the number of libvirt calls it made. */
export type Workload = () => Promise<number>;

const METADATA = `<vm status="ready">${'x'.repeat(2000)}</vm>`;

/** What must fail may; nothing else. */
export async function failing(work: Promise<unknown>): Promise<void> {
  const done = await work.then(
    () => true,
    () => false,
  );
  if (done) throw new Error('it was to fail and did not');
}

export async function times(count: number, work: () => Promise<unknown>): Promise<void> {
  for (let done = 0; done < count; done += 1) await work();
}

/** Closes what `open` opened when `work` is over, and sees to it that nothing is left. */
async function closing(open: OpenHypervisor, work: (hypervisor: Hypervisor) => Promise<void>): Promise<void> {
  await work(open.hypervisor);
  const references = await open.close();
  if (references !== 0) throw new Error(`${references} references are left`);
}

/** The same on a connection of its own. */
export function on(uri: string, work: (hypervisor: Hypervisor) => Promise<void>): Workload {
  return async () => {
    let calls = 0;
    await closing(await connect(uri, { observe: () => void (calls += 1) }), work);
    return calls;
  };
}

function onMany(work: (hypervisor: Hypervisor) => Promise<unknown>): Workload {
  return async () => {
    const open = await connectToMany(200);
    await closing(open, (hypervisor) => times(6, () => work(hypervisor)));
    return open.calls.length;
  };
}

async function defineAndUndefine(hypervisor: Hypervisor): Promise<void> {
  const domain = await hypervisor.defineDomain(domainDocument('memory'));
  await domain.setMetadata(METADATA, METADATA_NAMESPACE);
  await domain.xml('live');
  await domain.start();
  await domain.state();
  await domain.forceOff();
  await domain.undefine();
  await failing(domain.xml('stored'));
}

async function makePoolAndVolumes(hypervisor: Hypervisor): Promise<void> {
  const pool = await hypervisor.startPool(poolDocument('memory'), { build: false });
  const volume = await pool.createVolume(volumeDocument('a'));
  await pool.cloneVolume(volumeDocument('b'), volume);
  await failing(pool.createVolume(volumeDocument('a')));
  await pool.volumeNames();
  await pool.findVolume('b');
  await pool.findVolume('nosuch');
  await volume.xml();
  await volume.delete();
  await failing(volume.delete());
  await failing(volume.upload(new Uint8Array(10)));
  await hypervisor.listPools();
  await failing(hypervisor.findPoolByPath('/memory'));
  await pool.stop();
}

async function askForWhatIsMissing(hypervisor: Hypervisor): Promise<void> {
  await hypervisor.findDomain('nosuch');
  await hypervisor.findInterface('nosuch');
  await failing(hypervisor.findPoolByPath('/nosuch'));
  await failing(hypervisor.defineDomain('<junk/>'));
  await failing(hypervisor.definePool('not even XML'));
  await failing(hypervisor.startPool(poolDocument('default-pool'), { build: false }));
}

async function ask(hypervisor: Hypervisor): Promise<void> {
  await hypervisor.capabilities();
  await hypervisor.findInterface('eth1');
  await hypervisor.listInterfaces();
  await (await hypervisor.findDomain('test'))?.xml('live');
}

export const list = (hypervisor: Hypervisor): Promise<unknown> => lookedAt(hypervisor, LIST_ALL);

/** Each makes 500 calls or more, on libvirt's mock of a hypervisor. */
export const MOCK_WORKLOADS: Readonly<Record<string, Workload>> = {
  'lists of 200 VMs': onMany(list),
  'documents of 200 VMs': onMany((hypervisor) => hypervisor.domainDocuments()),
  questions: on(TEST_URI, (hypervisor) => times(500, () => ask(hypervisor))),
  'questions about what is missing': on(TEST_URI, (hypervisor) =>
    times(400, () => askForWhatIsMissing(hypervisor)),
  ),
  'domains made and unmade': on(TEST_URI, (hypervisor) => times(250, () => defineAndUndefine(hypervisor))),
  'pools and volumes made and unmade': on(TEST_URI, (hypervisor) =>
    times(150, () => makePoolAndVolumes(hypervisor)),
  ),
  async 'connections opened and closed'() {
    await times(500, async () => (await connect(TEST_URI)).close());
    return 500;
  },
  async 'watches begun and ended'() {
    await times(500, async () => {
      const { hypervisor, close } = await connect(TEST_URI);
      await hypervisor.watchDomains('everything');
      await close();
    });
    return 500;
  },
  'domains made and unmade under a watch': on(TEST_URI, async (hypervisor) => {
    await hypervisor.watchDomains('everything');
    await times(250, () => defineAndUndefine(hypervisor));
  }),
  async 'connections that fail'() {
    await times(500, () => failing(connect('qemu+nosuch:///system')));
    return 500;
  },
};
