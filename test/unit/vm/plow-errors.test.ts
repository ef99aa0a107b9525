import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HypervisorErrorReason } from '../../../src/errors/hypervisor-error.ts';
import { PlowError } from '../../../src/errors/plow-error.ts';
import type { DomainState } from '../../../src/hypervisor/domain-facts.ts';
import type { Domain } from '../../../src/hypervisor/domain.ts';
import type { DomainList, Listing } from '../../../src/hypervisor/listing.ts';
import { usedAddresses } from '../../../src/vm/addresses/used.ts';
import { offersOf } from '../../../src/vm/offers/offers.ts';
import { adoptVm } from '../../../src/vm/adopt/adopt.ts';
import { screenOf } from '../../../src/vm/vnc/screen-of.ts';
import { screenshotOf } from '../../../src/vm/vnc/screenshot.ts';
import { setOneTimePassword } from '../../../src/vm/vnc/one-time-password.ts';
import type { LocalImage } from '../../../src/config/machine.ts';
import type { Vnc } from '../../../src/config/machine/vnc.ts';
import { attachDisk } from '../../../src/vm/attach/attach-disk.ts';
import { detachDisk } from '../../../src/vm/attach/detach-disk.ts';
import { mediumHere, mediumThere } from '../../../src/vm/attach/find-medium.ts';
import { changeMedium } from '../../../src/vm/attach/media.ts';
import type { FindMedium } from '../../../src/vm/attach/media.ts';
import { attachNic } from '../../../src/vm/attach/attach-nic.ts';
import { detachNic } from '../../../src/vm/attach/detach-nic.ts';
import { NOTHING } from '../../../src/vm/console-log/bytes.ts';
import { followedLines } from '../../../src/vm/console-log/follow.ts';
import { LOG_START } from '../../../src/vm/console-log/lines.ts';
import { placeOfLog } from '../../../src/vm/console-log/place.ts';
import { readLog } from '../../../src/vm/console-log/read.ts';
import { cloneVm } from '../../../src/vm/clone/clone.ts';
import type { CloneWish } from '../../../src/vm/clone/wish.ts';
import { createVm } from '../../../src/vm/create/create.ts';
import { existingVm } from '../../../src/vm/create/existing-vm.ts';
import { inspectMachine, lookAround, preflight } from '../../../src/vm/create/preflight.ts';
import { prepareDryRun } from '../../../src/vm/create/prepare.ts';
import { atStake } from '../../../src/vm/destroy/at-stake.ts';
import { destroyVm } from '../../../src/vm/destroy/destroy.ts';
import { planDestroy } from '../../../src/vm/destroy/plan.ts';
import { examine } from '../../../src/vm/doctor/examine.ts';
import { Exporter } from '../../../src/vm/export/export-vm.ts';
import { hostDetails } from '../../../src/vm/hosts/details.ts';
import { hostFacts } from '../../../src/vm/hosts/facts.ts';
import { applyToVm } from '../../../src/vm/fleet/apply/apply-vm.ts';
import { diffVm } from '../../../src/vm/fleet/diff-vm.ts';
import { placeOf } from '../../../src/vm/fleet/place.ts';
import { planVm } from '../../../src/vm/fleet/plan.ts';
import { findSurplus, givenFiles, surplusVms } from '../../../src/vm/fleet/prune.ts';
import type { Allowed } from '../../../src/vm/fleet/plan.ts';
import { findGarbage } from '../../../src/vm/gc/find.ts';
import { removeGarbage } from '../../../src/vm/gc/remove.ts';
import { selectVms } from '../../../src/vm/list/select.ts';
import { hostMetrics } from '../../../src/vm/metrics/host-metrics.ts';
import { listNames, listVms } from '../../../src/vm/list/list.ts';
import { findVm, presentVm } from '../../../src/vm/list/unknown-vm.ts';
import {
  autostartVm,
  restartVm,
  resumeVm,
  startVm,
  stopVm,
  suspendVm,
} from '../../../src/vm/lifecycle/power.ts';
import type { Changed } from '../../../src/vm/lifecycle/power.ts';
import { keepNew } from '../../../src/vm/rebuild/keep.ts';
import { rebuildVm } from '../../../src/vm/rebuild/rebuild.ts';
import { reseedVm } from '../../../src/vm/rebuild/reseed.ts';
import { undoRebuild } from '../../../src/vm/rebuild/undo.ts';
import { resizeVm } from '../../../src/vm/resize/resize.ts';
import { routingState } from '../../../src/vm/routing/judge.ts';
import { openConsole } from '../../../src/vm/console/console.ts';
import { watchVms } from '../../../src/vm/list/watch-vms.ts';
import { destroyUndoably, undelete } from '../../../src/vm/lease/undo.ts';
import { extendLease } from '../../../src/vm/lease/extend.ts';
import { protectVm } from '../../../src/vm/protection/protect.ts';
import { sshTarget, sshTargets } from '../../../src/vm/ssh/target.ts';
import { usedOn } from '../../../src/vm/network/elsewhere.ts';
import { domainDocument, showDomain, showVm, vmDocument } from '../../../src/vm/show/show.ts';
import { createSnapshot } from '../../../src/vm/snapshot/create.ts';
import { deleteSnapshot } from '../../../src/vm/snapshot/delete.ts';
import { listedSnapshot, listSnapshots } from '../../../src/vm/snapshot/list.ts';
import { revertToSnapshot } from '../../../src/vm/snapshot/revert.ts';
import { readLayers, withOverlays } from '../../../src/libvirt-xml/snapshot/layers.ts';
import { snapshotXml } from '../../../src/libvirt-xml/snapshot/write.ts';
import { lookAt } from '../../../src/vm/top/look.ts';
import { bringImage } from '../../../src/vm/upload/bring.ts';
import { planUpload } from '../../../src/vm/upload/plan.ts';
import { moveElementInDocument } from '../../../src/libvirt-xml/metadata/move.ts';
import type { Ends } from '../../../src/vm/move/ends.ts';
import { awayFrom, bringHome, evacuateVm } from '../../../src/vm/move/evacuate.ts';
import { moveVm } from '../../../src/vm/move/move.ts';
import { moveUnderWay, takeBack } from '../../../src/vm/move/waiting.ts';
import { fileOf } from './pull/file-of.ts';
import { fileOf as fileOfBytes, sampleBytes, WANTED } from './upload/wanted.ts';
import { waitForVm } from '../../../src/vm/wait/wait.ts';
import { whileTimePasses } from '../time.ts';
import { cloudInit, loaded, minimalMachine, networkInterface } from '../machines.ts';
import { testContext } from './context.ts';
import type { TestContext } from './context.ts';
import { eachCall } from './each-call.ts';
import type { Workflow } from './each-call.ts';
import { contextWith } from './export/vms.ts';
import { gateImage } from '../../../src/vm/gate/gate-image.ts';
import { gatedHost, tools as loginTools, WISH as GATE } from './gate/gated.ts';
import { archOfHost } from '../../../src/vm/pull/arch-of-host.ts';
import { listFiles } from '../../../src/vm/image-store/list-images.ts';
import { importImage } from '../../../src/vm/pull/import-image.ts';
import { copyOf } from '../../../src/vm/pull/copy.ts';
import { withKnownImage, withNamedImage, withNamedMedium } from '../../../src/vm/image-store/named-image.ts';
import { findOutdated } from '../../../src/vm/image-store/outdated-images.ts';
import { planPull } from '../../../src/vm/pull/plan-pull.ts';
import { findUnneeded } from '../../../src/vm/image-store/prune-images.ts';
import { bringToEach, pullImage } from '../../../src/vm/pull/pull.ts';
import { fromWeb } from '../../../src/vm/pull/source.ts';
import { imageToRemove, removeImage } from '../../../src/vm/image-store/remove-image.ts';
import { verifyImage } from '../../../src/vm/image-store/verify-image.ts';
import { failure } from './fake/pieces.ts';
import { listed, listing } from './listed.ts';
import { HEX, host as hostOfNoImage, hostWith, IMAGE, tools, WANTED as PULLED } from './pull/pulled.ts';
import { UUID } from './shown.ts';

vi.mock('node:timers/promises', () => import('../time.ts'));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const SOURCE = fileURLToPath(new URL('../../../src', import.meta.url));

/** Those that vm/ tells apart, but for what is only another word in a message. */
const REASONS: readonly HypervisorErrorReason[] = [
  'not-found',
  'forbidden',
  'already-exists',
  'not-running',
  'unsupported',
  'no-such-file',
  'not-a-directory',
  'not-empty',
  'busy',
  'disconnected',
  'other',
];

const web = minimalMachine({
  name: 'web',
  provisioning: cloudInit({ hostname: 'web' }),
  lifetimeMinutes: 60,
});

/** A base image, and no VM; below directories that are looked at as well. */
function host(): TestContext {
  const context = testContext({ storagePath: '/srv/vms' });
  const { hypervisor } = context;
  hypervisor.addDirectory('/srv');
  hypervisor.addDirectory('/srv/vms');
  hypervisor.addDirectory('/images', 'base.qcow2');
  return context;
}

const REBUILD = {
  image: '/images/base.qcow2',
  file: undefined,
  stop: { isForced: true, withinMs: 1000 },
  wait: undefined,
};

/** Its image is there too. */
function hostToRebuild(): TestContext {
  const context = hostOfVms();
  context.hypervisor.addDirectory('/images', 'base.qcow2');
  return context;
}

/** Rebuilds a VM, and does something with what is kept. */
async function afterRebuild(context: TestContext, then: (domain: Domain) => Promise<unknown>): Promise<void> {
  const domain = await presentVm('web', context.hypervisor);
  await rebuildVm(domain, REBUILD, context);
  await then(domain);
}

/** A VM that runs, and another one with a disk and a bridge. */
function hostOfVms(): TestContext {
  const context = contextWith(web);
  const { hypervisor } = context;
  hypervisor.addDirectory('/var/lib/libvirt/qemu/nvram', 'web_VARS.fd');
  const running = hypervisor.domains.get('web');
  if (running !== undefined) running.state = 'running';
  hypervisor.addDirectory('/other', 'a.qcow2');
  const disk = "<disk type='file' device='disk'><source file='/other/a.qcow2'/><target dev='vda'/></disk>";
  hypervisor.addDomain('other', `<domain><name>other</name><devices>${disk}</devices></domain>`, 'running');
  return context;
}

/** An image that was pulled, which no VM stands on. */
function hostOfImage(): TestContext {
  const digest = `sha256:${HEX}`;
  return hostWith({ status: 'ready', downloaded: digest, content: digest, bytes: IMAGE.length }, IMAGE);
}

const BUILD = {
  version: '1',
  url: 'https://example.com',
  format: 'qcow2',
  content: `sha256:${HEX}`,
} as const;
/** Of two architectures, so that the hypervisor is asked for its own. */
const LOCK = {
  file: 'images.lock',
  name: 'debian',
  version: undefined,
  builds: { x86_64: BUILD, aarch64: BUILD },
};

/** A VM that is off, with its base image. */
function hostOfStill(): TestContext {
  const context = withState(hostOfVms(), 'shut off');
  context.hypervisor.addDirectory('/images', 'base.qcow2');
  return context;
}

/** To a hypervisor with the image, and no VM. */
function endsOf(context: TestContext): Ends {
  const to = testContext();
  to.hypervisor.topology = '<uuid>of-h2</uuid>';
  to.hypervisor.addDirectory('/images', 'base.qcow2');
  return { from: { name: 'h1', context }, to: { name: 'h2', context: to }, newHasher: createHash };
}

const MOVED = { isCold: true, withinMs: 1000, isDryRun: false };

/** With a VM that is on its way. */
function hostOfMove(): TestContext {
  const context = withState(hostOfVms(), 'shut off');
  const domain = context.hypervisor.domains.get('web');
  const uuid = /<uuid>(?<uuid>[^<]+)/u.exec(domain?.xml ?? '')?.groups?.['uuid'] ?? '';
  const stage = { role: 'source', phase: 'copying' } as const;
  const mark = { ...stage, token: 'one', host: 'h2', ran: false, autostart: true, bases: [] };
  if (domain !== undefined)
    domain.xml = domain.xml.replace('</metadata>', `${moveElementInDocument(uuid, mark)}</metadata>`);
  return context;
}

const ONE = { name: 'one', description: undefined, ifMissing: false };

const NIC = networkInterface({
  address: '10.9.0.2',
  bridge: 'br1',
  mac: 'be:ef:0a:09:00:02',
  defaultRoute: false,
});

const GC = { restMs: 0, notShared: true };

/** What a VM has left whose domain is gone. */
function hostOfGarbage(): TestContext {
  const context = hostOfVms();
  const { hypervisor } = context;
  hypervisor.domains.delete('web');
  hypervisor.directories.set('/images', new Map([['web', 'dir 0']]));
  return context;
}

/** Of that VM, while it is off: it goes on in a layer on its disk. */
function hostWithSnapshot(): TestContext {
  const context = hostOfVms();
  const { hypervisor } = context;
  const { xml = '' } = hypervisor.domains.get('web') ?? {};
  const [on] = readLayers(xml);
  if (on === undefined) throw new Error('web has a disk');
  const path = '/images/web/snap-00000000-vda.qcow2';
  const overlays = new Map([['vda', path]]);
  const taken = { createdAt: 0, parent: undefined, domain: xml };
  hypervisor.addDomain('web', withOverlays(xml, new Map([['vda', { path, on }]])), 'running');
  hypervisor.keep('web', snapshotXml({ ...ONE, overlays }, taken));
  hypervisor.directories.get('/images/web')?.set('snap-00000000-vda.qcow2', 'qcow2 1');
  hypervisor.directories.get('/images/web')?.set('snap-one.nvram', 'raw 1');
  return context;
}

const FLEET = givenFiles([{ ...web, name: 'db', fleet: 'shop' }]);

/** A VM of a fleet, without a file. */
function hostOfFleet(): TestContext {
  return contextWith({ ...web, fleet: 'shop' });
}

async function findSurplusVm(context: TestContext): Promise<void> {
  const { xml = '' } = context.hypervisor.domains.get('web') ?? {};
  const uuid = /<uuid>(?<uuid>[^<]+)/u.exec(xml)?.groups?.['uuid'] ?? '';
  (await findSurplus({ name: 'web', uuid, fleet: 'shop', kept: undefined }, FLEET, context))[
    Symbol.dispose
  ]();
}

async function adopt(context: TestContext): Promise<void> {
  await adoptVm(await new Exporter(context).export('web'), web, context);
}

async function inspect(context: TestContext): Promise<void> {
  const inspection = { ...(await lookAround(context)), report: () => {}, notChecked: () => {} };
  await inspectMachine(web, inspection);
}

async function stake({ hypervisor }: TestContext): Promise<void> {
  const found = await findVm('web', hypervisor);
  if (found !== undefined) await atStake(found);
}

function withState(context: TestContext, state: DomainState): TestContext {
  const found = context.hypervisor.domains.get('web');
  if (found !== undefined) found.state = state;
  return context;
}

const CLONE: CloneWish = {
  name: 'web-2',
  addresses: ['10.20.30.41/24'],
  snapshot: undefined,
  isLinked: false,
  keepIdentity: false,
  isStarted: undefined,
};

const ALLOWED: Allowed = { reboot: true, reseed: false, rebuild: false, overwrite: true };

/** Of a VM that gets a description now, and a CPU more with a restart. */
async function applyChange(context: TestContext): Promise<void> {
  const file = loaded({ ...web, description: 'a web server', vcpus: web.vcpus + 1, tags: ['a'] });
  const shown = planVm(await diffVm(file, context), ALLOWED);
  await applyToVm(file, shown, { allowed: ALLOWED, wait: undefined, isCanary: false }, context);
}

/** A VM that runs, or does not. @param work of the command line on it */
function power(
  state: 'paused' | 'running' | 'shut off',
  work: (domain: Domain, context: TestContext) => Promise<Changed>,
): Workflow {
  return {
    prepare: () => withState(hostOfVms(), state),
    run: async (context) => work(await presentVm('web', context.hypervisor), context),
  };
}

const LOG = { vmName: 'web', directory: '/srv/vms/web', file: 'console.log' };

/** A VM that is off, and something in its log. */
function hostOfLog(): TestContext {
  const context = hostOfVms();
  const { hypervisor } = context;
  hypervisor.addDirectory(LOG.directory, LOG.file);
  hypervisor.contents.set(`${LOG.directory}/${LOG.file}`, new TextEncoder().encode('a\nb'));
  const off = hypervisor.domains.get('web');
  if (off !== undefined) off.state = 'shut off';
  return context;
}

async function place(context: TestContext): Promise<void> {
  const domain = await presentVm('web', context.hypervisor);
  await placeOfLog(domain, context.storagePath);
}

async function follow(context: TestContext): Promise<void> {
  const domain = await presentVm('web', context.hypervisor);
  const from = { position: { offset: 0, before: NOTHING }, rest: NOTHING, state: LOG_START };
  const lines: string[] = [];
  for await (const { text } of followedLines(domain, LOG, from, context)) lines.push(text);
  expect(lines).toStrictEqual(['a', 'b']);
}

/** Of a list that breaks at one of its calls. */
async function list(context: TestContext): Promise<void> {
  const { listDomains } = listing(listed({ active: true }));
  const { hypervisor } = context;
  // Both are calls of the fake, so that each fails once.
  const call = async (): Promise<void> => void (await hypervisor.listDomains({ activeOnly: false }));
  const fake: Listing = {
    listDomains: async (request): Promise<DomainList> => {
      await call();
      const made = await listDomains(request);
      const seenAddresses: DomainList['seenAddresses'] = async (asked, within) => {
        await call();
        return made.seenAddresses(asked, within);
      };
      return { domains: made.domains, seenAddresses, [Symbol.dispose]: () => {} };
    },
  };
  await listVms(fake, { all: true, facts: new Set(['documents', 'addresses', 'flags', 'files']) });
}

/** A VM that runs, with a screen and a drive for install media. */
function equipped(): TestContext {
  const vnc: Vnc = { listen: 'none', port: undefined, login: { by: 'one-time' }, video: 'virtio' };
  const machine = { ...web, vnc, cdrom: { image: '/images/a.iso', bus: undefined } };
  const context = withState(contextWith(machine), 'running');
  context.hypervisor.picture = { type: 'image/png', bytes: Buffer.alloc(8) };
  return context;
}

/** Of a VM that has a drive, and an ISO of a name. */
function insert(find: FindMedium): Workflow {
  return {
    prepare: () => {
      const context = equipped();
      const { contents, directories } = hostOfImage().hypervisor;
      for (const [path, bytes] of contents)
        context.hypervisor.contents.set(path, path.endsWith('.json') ? bytes : isoHead());
      for (const [path, files] of directories)
        context.hypervisor.directories.set(
          path,
          new Map([...files.keys()].map((name) => [name, 'raw 65536'])),
        );
      return context;
    },
    run: async (context) => {
      const domain = await presentVm('web', context.hypervisor);
      return changeMedium(domain, context, { action: 'insert', find, isForced: false });
    },
  };
}

/** A file of this machine that is an ISO. */
function isoHere(): LocalImage {
  const bytes = sampleBytes();
  bytes.set(isoHead());
  return fileOfBytes(bytes, './a.iso');
}

function isoHead(): Uint8Array {
  const head = new Uint8Array(65_536);
  head.set(new TextEncoder().encode('\x01CD001'), 32_768);
  return head;
}

/** What the command line calls of vm/, and how. */
const CALLED: Readonly<Record<string, Workflow>> = {
  screenOf: { prepare: equipped, run: ({ hypervisor }) => screenOf('web', hypervisor) },
  screenshotOf: { prepare: equipped, run: ({ hypervisor }) => screenshotOf('web', hypervisor) },
  setOneTimePassword: {
    prepare: equipped,
    run: ({ hypervisor }) =>
      setOneTimePassword('web', { password: 'a', now: new Date('2026-01-02T03:04:05Z') }, hypervisor),
  },
  adoptVm: { prepare: () => contextWith(web, { withMetadata: false }), run: adopt },
  applyToVm: { prepare: hostOfVms, run: applyChange },
  attachDisk: power('running', (domain, context) =>
    attachDisk(domain, context, { sizeGib: 1, target: undefined }),
  ),
  attachNic: power('running', (domain, context) => attachNic(domain, context, NIC)),
  changeMedium: {
    prepare: equipped,
    run: async (context) =>
      changeMedium(await presentVm('web', context.hypervisor), context, { action: 'eject', isForced: false }),
  },
  mediumThere: insert(mediumThere('debian')),
  mediumHere: insert(mediumHere(isoHere(), () => createHash('sha256'))),
  detachNic: power('running', (domain, context) => detachNic(domain, context, '10.9.0.2')),
  detachDisk: power('running', (domain, context) => detachDisk(domain, context, 'vdb')),
  bringImage: {
    prepare: host,
    run: (context) => bringImage(WANTED, () => createHash('sha256'), context),
  },
  planUpload: { prepare: host, run: (context) => planUpload(WANTED, context) },
  preflight: { prepare: host, run: (context) => preflight(loaded(web), context) },
  archOfHost: { prepare: host, run: archOfHost },
  findUnneeded: { prepare: hostOfImage, run: findUnneeded },
  listFiles: { prepare: hostOfImage, run: listFiles },
  withKnownImage: {
    prepare: hostOfImage,
    run: (context) =>
      withKnownImage(
        { ...web, bootDisk: { ...web.bootDisk, image: 'debian' } },
        { imageLock: LOCK },
        context,
      ),
  },
  withNamedImage: {
    prepare: hostOfImage,
    run: (context) => withNamedImage(loaded({ ...web, cdrom: { image: 'debian', bus: undefined } }), context),
  },
  withNamedMedium: {
    prepare: hostOfImage,
    run: (context) =>
      withNamedMedium({ ...web, cdrom: { image: 'debian', bus: undefined } }, { mediumLock: LOCK }, context),
  },
  findOutdated: { prepare: hostOfImage, run: findOutdated },
  gateImage: {
    prepare: gatedHost,
    run: (context) => gateImage('debian', { ...GATE, withinMs: 1000 }, loginTools(), context),
  },
  planPull: { prepare: hostOfNoImage, run: (context) => planPull(PULLED, tools(), context) },
  pullImage: { prepare: hostOfNoImage, run: (context) => pullImage(PULLED, tools(), context) },
  importImage: {
    prepare: hostOfNoImage,
    run: (context) =>
      importImage(fileOf(IMAGE), { name: 'a', version: undefined, digest: undefined }, tools(), context),
  },
  bringToEach: {
    prepare: hostOfNoImage,
    run: async (context) => {
      const [outcome] = await bringToEach(fromWeb(PULLED, tools()), [context], context);
      if (outcome !== undefined && 'error' in outcome) throw outcome.error;
    },
  },
  copyOf: {
    prepare: hostOfImage,
    run: async (context) => {
      const { source } = await copyOf('debian', createHash, 'hv1', context);
      const { chunks } = await source.open(context.signal);
      for await (const chunk of chunks) expect(chunk.length).toBeGreaterThan(0);
    },
  },
  imageToRemove: { prepare: hostOfImage, run: (context) => imageToRemove('debian', context) },
  removeImage: {
    prepare: hostOfImage,
    run: async (context) => removeImage(await imageToRemove('debian', context), context),
  },
  verifyImage: { prepare: hostOfImage, run: (context) => verifyImage('debian', createHash, context) },
  autostartVm: power('running', (domain, context) => autostartVm(domain, context, true)),
  atStake: { prepare: hostOfVms, run: stake },
  cloneVm: {
    prepare: hostOfStill,
    run: (context) => cloneVm('web', CLONE, context),
  },
  moveVm: {
    prepare: hostOfStill,
    run: (context) => moveVm('web', MOVED, endsOf(context)),
  },
  evacuateVm: {
    prepare: hostOfStill,
    run: (context) => {
      const { from, to, newHasher } = endsOf(context);
      return evacuateVm('web', MOVED, { from, targets: [to], newHasher });
    },
  },
  awayFrom: { prepare: hostOfStill, run: (context) => awayFrom(endsOf(context).to, context) },
  bringHome: { prepare: hostOfStill, run: (context) => bringHome('web', MOVED, endsOf(context)) },
  moveUnderWay: { prepare: hostOfMove, run: (context) => moveUnderWay('web', context) },
  takeBack: { prepare: hostOfMove, run: (context) => takeBack('web', endsOf(context)) },
  createSnapshot: {
    prepare: hostOfVms,
    run: async (context) => createSnapshot(await presentVm('web', context.hypervisor), ONE, context),
  },
  createVm: { prepare: host, run: (context) => createVm(loaded(web), context) },
  keepNew: {
    prepare: hostToRebuild,
    run: (context) => afterRebuild(context, (domain) => keepNew(domain, context)),
  },
  rebuildVm: {
    prepare: hostToRebuild,
    run: async (context) => rebuildVm(await presentVm('web', context.hypervisor), REBUILD, context),
  },
  reseedVm: {
    prepare: hostOfVms,
    run: async (context) => reseedVm(await presentVm('web', context.hypervisor), loaded(web), context),
  },
  usedAddresses: { prepare: hostOfVms, run: usedAddresses },
  offersOf: { prepare: hostOfImage, run: offersOf },
  undoRebuild: {
    prepare: hostToRebuild,
    run: (context) => afterRebuild(context, (domain) => undoRebuild(domain, REBUILD.stop, context)),
  },
  deleteSnapshot: {
    prepare: hostWithSnapshot,
    run: async (context) => deleteSnapshot(await presentVm('web', context.hypervisor), 'one', context),
  },
  destroyVm: { prepare: hostOfVms, run: (context) => destroyVm('web', context) },
  diffVm: { prepare: hostOfVms, run: (context) => diffVm(loaded(web), context) },
  findSurplus: { prepare: hostOfFleet, run: findSurplusVm },
  surplusVms: { prepare: hostOfFleet, run: (context) => surplusVms(FLEET, context) },
  examine: { prepare: hostOfVms, run: examine },
  hostDetails: { prepare: hostOfVms, run: (context) => hostDetails(context, []) },
  hostFacts: { prepare: hostOfVms, run: (context) => hostFacts(context, []) },
  existingVm: { prepare: hostOfVms, run: (context) => existingVm('web', context) },
  Exporter: { prepare: hostOfVms, run: (context) => new Exporter(context).export('web') },
  findGarbage: { prepare: hostOfGarbage, run: (context) => findGarbage(GC, context) },
  followedLines: { prepare: hostOfLog, run: follow },
  inspectMachine: { prepare: host, run: inspect },
  routingState: { prepare: hostOfVms, run: ({ hypervisor }) => routingState(hypervisor) },
  listedSnapshot: {
    prepare: hostWithSnapshot,
    run: async (context) => listedSnapshot(await presentVm('web', context.hypervisor), 'one', context),
  },
  listNames: { prepare: hostOfVms, run: ({ hypervisor }) => listNames(hypervisor, { all: true }) },
  listSnapshots: {
    prepare: hostWithSnapshot,
    run: async (context) => listSnapshots(await presentVm('web', context.hypervisor), context),
  },
  hostMetrics: { prepare: hostOfVms, run: ({ hypervisor }) => hostMetrics(hypervisor) },
  lookAt: { prepare: hostOfVms, run: ({ hypervisor }) => lookAt(hypervisor, () => 0) },
  listVms: { prepare: hostOfVms, run: list },
  lookAround: { prepare: host, run: lookAround },
  planDestroy: {
    prepare: hostOfVms,
    run: async (context) => planDestroy(await presentVm('web', context.hypervisor), context),
  },
  placeOf: { prepare: hostOfVms, run: placeOf },
  placeOfLog: { prepare: hostOfLog, run: place },
  findVm: { prepare: hostOfVms, run: ({ hypervisor }) => findVm('web', hypervisor) },
  presentVm: { prepare: hostOfVms, run: ({ hypervisor }) => presentVm('web', hypervisor) },
  prepareDryRun: { prepare: host, run: (context) => prepareDryRun(loaded(web), context) },
  destroyUndoably: power('running', async (domain, context) =>
    (await destroyUndoably(domain, context, { minutes: 60, graceMs: 0 })) ? 'changed' : 'unchanged',
  ),
  undelete: power('shut off', async (domain, context) =>
    (await undelete(domain, context)) ? 'changed' : 'unchanged',
  ),
  extendLease: power('running', async (domain, context) =>
    (await extendLease(domain, context, 'never')) ? 'changed' : 'unchanged',
  ),
  protectVm: power('running', async (domain, context) =>
    (await protectVm(domain, context, true)) ? 'changed' : 'unchanged',
  ),
  openConsole: { prepare: hostOfVms, run: ({ hypervisor }) => openConsole('web', hypervisor, false) },
  readLog: { prepare: hostOfLog, run: (context) => readLog(LOG, context) },
  restartVm: power('running', (domain, context) =>
    restartVm(domain, context, { withinMs: 1000, isForced: false }),
  ),
  removeGarbage: {
    prepare: hostOfGarbage,
    run: async (context) => {
      for (const garbage of await findGarbage(GC, context)) await removeGarbage(garbage);
    },
  },
  resizeVm: power('shut off', (domain, context) =>
    resizeVm(domain, context, { vcpus: 4, memoryMib: 4096, disks: new Map([['vda', 40]]) }),
  ),
  resumeVm: power('paused', resumeVm),
  revertToSnapshot: {
    prepare: hostWithSnapshot,
    run: async (context) => revertToSnapshot(await presentVm('web', context.hypervisor), 'one', context),
  },
  selectVms: {
    prepare: hostOfVms,
    run: ({ hypervisor }) => selectVms({ words: ['w*', UUID], all: false, tags: [] }, hypervisor),
  },
  sshTarget: { prepare: hostOfVms, run: ({ hypervisor }) => sshTarget('web', hypervisor) },
  sshTargets: { prepare: hostOfVms, run: ({ hypervisor }) => sshTargets(hypervisor) },
  startVm: power('shut off', startVm),
  stopVm: power('running', (domain, context) => stopVm(domain, context, { withinMs: 1000, isForced: false })),
  suspendVm: power('running', suspendVm),
  domainDocument: {
    prepare: hostOfVms,
    run: async ({ hypervisor }) => domainDocument(await presentVm('web', hypervisor)),
  },
  showDomain: {
    prepare: hostOfVms,
    run: async ({ hypervisor }) => showDomain(await presentVm('web', hypervisor), hypervisor),
  },
  showVm: { prepare: hostOfVms, run: ({ hypervisor }) => showVm('web', hypervisor) },
  usedOn: { prepare: hostOfVms, run: ({ hypervisor }) => usedOn(hypervisor) },
  vmDocument: { prepare: hostOfVms, run: ({ hypervisor }) => vmDocument('web', hypervisor) },
  waitForVm: power('running', async (domain, context) => {
    context.hypervisor.answer = { port22: 'ssh', hostKeys: undefined, neighbour: undefined };
    await waitForVm(domain, { condition: 'ssh', withinMs: 3000 }, context);
    return 'unchanged';
  }),
  watchVms: { prepare: host, run: ({ hypervisor }) => watchVms(hypervisor) },
};

/** What asks no hypervisor. */
const ASK_NOBODY = [
  'nextFree',
  'subnetOf',
  'takenByFiles',
  'takenIn',
  'NOTHING',
  'AskedNeighbours',
  'isForced',
  'isDisturbed',
  'leftIn',
  'planVm',
  'wavesOf',
  'ratesOf',
  'untilAborted',
  'comingOf',
  'endingWith',
  'fingerprintOf',
  'fromWeb',
  'judgeLocalImage',
  'judgeLocalMedium',
  'imageDirectory',
  'bootCount',
  'chosenBoot',
  'chosenLines',
  'logLines',
  'textOf',
  'wholeLines',
  'Bell',
  'GOOD_FOR_S',
  'PASSWORD_FILE',
  'SHUTDOWN_MS',
  'CONDITIONS',
  'WAIT_MS',
  'NotMadeByPlow',
  'Omissions',
  'countNotChecked',
  'toldNotChecked',
  'verdict',
  'withIgnores',
  'versionOf',
  'givenFiles',
  // These two ask BIRD.
  'drain',
  'undrain',
];

/** Names of what files of src/cli/ use of the modules of vm/ that they load. */
async function usedOfVm(): Promise<readonly string[]> {
  const used = new Set<string>();
  for (const name of readdirSync(join(SOURCE, 'cli'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const text = readFileSync(join(SOURCE, 'cli', name), 'utf8').replaceAll(/^import type .*$/gmu, '');
    const words = text.replaceAll(/'[^']*'/gu, '');
    for (const { groups } of text.matchAll(/(?:from |import\()'(?:\.\.\/)+(?<path>vm\/[^']+)'/gu)) {
      const module = (await import(join(SOURCE, groups?.['path'] ?? ''))) as Readonly<
        Record<string, unknown>
      >;
      for (const key of Object.keys(module)) if (new RegExp(`\\b${key}\\b`, 'u').test(words)) used.add(key);
    }
  }
  return [...used].toSorted();
}

it('all that the command line calls of vm/ is tried here', async () => {
  expect(await usedOfVm()).toStrictEqual([...Object.keys(CALLED), ...ASK_NOBODY].toSorted());
});

/** Each is the whole of moveVm, and some calls more: with every reason they would take minutes. */
const MOVES: ReadonlySet<string> = new Set(['evacuateVm', 'bringHome']);
const FEW_REASONS = REASONS.filter((reason) => ['no-such-file', 'disconnected', 'other'].includes(reason));

describe.each(Object.entries(CALLED))('%s', (name, workflow) => {
  it.each(MOVES.has(name) ? FEW_REASONS : REASONS)(
    'throws nothing but PlowErrors where a call fails with %s',
    async (reason) => {
      const each = eachCall(workflow, (context, index) => {
        context.hypervisor.fault = (_call, at) =>
          at === index || (at > index && reason === 'disconnected') ? reason : undefined;
        return context;
      });
      const outcomes = await whileTimePasses(each);
      expect(outcomes.length).toBeGreaterThan(0);
      const others = outcomes.filter(({ error }) => error !== undefined && !(error instanceof PlowError));
      expect(others.map(({ call, error }) => `${call}: ${String(error)}`)).toStrictEqual([]);
    },
  );
});

it('a watch throws a PlowError when the connection breaks', async () => {
  const breaking = {
    watchDomains: async () => ({
      async *[Symbol.asyncIterator]() {
        yield { name: 'web', uuid: UUID, kind: 'started' } as const;
        throw failure('virConnectDomainEventRegisterAny', 'disconnected');
      },
      [Symbol.dispose]: () => {},
    }),
  };
  const heard: string[] = [];
  const hearing = async (): Promise<void> => {
    for await (const { kind } of await watchVms(breaking)) heard.push(kind);
  };
  await expect(hearing()).rejects.toMatchObject({ name: 'PlowError', kind: 'connection' });
  expect(heard).toStrictEqual(['started']);
});
