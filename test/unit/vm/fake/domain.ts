import type { DomainStatus, Traffic } from '../../../../src/hypervisor/domain-facts.ts';
import { METADATA_NAMESPACE } from '../../../../src/libvirt-xml/metadata/metadata.ts';
import type { Domain } from '../../../../src/hypervisor/domain.ts';
import { parseXml } from '../../../../src/libvirt-xml/read/parse.ts';
import type { FakeHypervisor } from '../fake-hypervisor.ts';
import { changeAmount, memoryTo, vcpusTo } from './amounts.ts';
import { readLayers, withOverlays } from '../../../../src/libvirt-xml/snapshot/layers.ts';
import { failure, present, uuidIn } from './pieces.ts';
import type { FakeDomain } from './pieces.ts';

const STATUS: Omit<DomainStatus, 'state' | 'active' | 'autostart' | 'documents'> = {
  reason: undefined,
  vcpus: 1,
  memoryKib: 2 ** 20,
  currentMemoryKib: 2 ** 20,
  cpuSeconds: 0,
  persistent: true,
  managedSave: false,
  snapshots: 0,
};

const TRAFFIC: Traffic = {
  received: { bytes: 1_500_000, packets: 1200, errors: 0, drops: 0 },
  sent: { bytes: 2048, packets: 20, errors: 0, drops: 3 },
};

/** A domain of a fake hypervisor. */
export function fakeDomain(host: FakeHypervisor, name: string): Domain {
  const { check, ...disposable } = host.handle();
  const domain = (call: string): FakeDomain => {
    check(`Domain.${call}`);
    return present(host.domains.get(name), `Domain.${call}`);
  };
  return {
    ...disposable,
    name,
    uuid: uuidIn(name, host.domains.get(name)?.xml ?? ''),
    isPersistent: async () => {
      domain('isPersistent');
      return !host.transient.has(name);
    },
    xml: async (view) => {
      const { xml, state } = domain('xml');
      if (view === 'stored') return xml;
      if (host.live.has(name)) return host.live.get(name) ?? xml;
      return state === 'shut off' ? xml : xml.replace('<domain', "<domain id='1'");
    },
    state: async () => domain('state').state,
    status: async () => {
      const { state, autostart, xml } = domain('status');
      const active = state !== 'shut off';
      const documents = { stored: xml, live: active ? (host.live.get(name) ?? xml) : undefined };
      return { ...STATUS, state, autostart, active, documents, ...host.status };
    },
    views: async () => {
      const { state, autostart, xml } = domain('views');
      const live = state === 'shut off' ? undefined : (host.live.get(name) ?? xml);
      return { autostart, documents: { stored: xml, live } };
    },
    diskSizes: async (targets) => {
      domain('diskSizes');
      const sizes = targets.flatMap((target) => {
        const size = host.sizes.get(target);
        return size === undefined ? [] : [[target, size] as const];
      });
      return { sizes: new Map(sizes), inTime: !host.hangs };
    },
    missingFiles: async () => {
      domain('missingFiles');
      return host.missing;
    },
    traffic: async (taps) => {
      domain('traffic');
      return new Map(taps.map((tap) => [tap, TRAFFIC]));
    },
    bytesRead: async () => {
      domain('bytesRead');
      return host.bytesRead;
    },
    seenAddresses: async () => {
      domain('seenAddresses');
      return host.seen;
    },
    askAgent: async (command) => {
      domain('askAgent');
      return host.askAgent(command);
    },
    openConsole: async () => {
      domain('openConsole');
      return host.console;
    },
    screen: {
      open: async () => {
        domain('openScreen');
        return host.screenFile;
      },
      picture: async () => {
        domain('screenshot');
        return host.picture;
      },
    },
    start: async () => void (domain('start').state = 'running'),
    shutdown: async () => {
      const stopped = domain('shutdown');
      stopped.state = 'shut off';
      for (const queue of host.queues) queue.add({ name, uuid: uuidIn(name, stopped.xml), kind: 'stopped' });
    },
    forceOff: async () => void (domain('forceOff').state = 'shut off'),
    suspend: async () => void (domain('suspend').state = 'paused'),
    resume: async () => void (domain('resume').state = 'running'),
    wakeUp: async () => void (domain('wakeUp').state = 'running'),
    autostart: async () => domain('autostart').autostart,
    snapshotCount: async () => {
      domain('snapshotCount');
      return 0;
    },
    setAutostart: async (on) => void (domain('setAutostart').autostart = on),
    setDescription: async (text) => {
      const stored = domain('setDescription');
      const bare = stored.xml.replace(/<description>[^<]*<\/description>/u, '');
      const added = text === undefined ? '' : `<description>${text}</description>`;
      stored.xml = bare.replace(/<\/name>/u, () => `</name>${added}`);
    },
    setMetadata: async (element, namespace) => {
      const stored = domain('setMetadata');
      const { uri } = namespace;
      if (uri !== METADATA_NAMESPACE.uri) {
        stored.xml = withElement(stored.xml, element, namespace);
        return;
      }
      const inside = (element ?? '')
        .replace('<vm', `<plow:vm xmlns:plow="${uri}"`)
        .replace('</vm>', '</plow:vm>');
      const old = /<plow:vm [\s\S]*<\/plow:vm>/u;
      stored.xml = old.test(stored.xml)
        ? stored.xml.replace(old, () => inside)
        : stored.xml.replace(/<memory/u, () => `<metadata>${inside}</metadata><memory`);
    },
    attachDevice: async (xml) => {
      const stored = domain('attachDevice');
      stored.xml = stored.xml.replace('</devices>', () => `${xml}</devices>`);
    },
    detachDevice: async (xml) => {
      const stored = domain('detachDevice');
      const device = parseXml(xml);
      const mark = device.first('mac')?.attribute('address') ?? device.first('target')?.attribute('dev');
      const others = stored.xml.split(/(?=<(?:disk|interface) )/u);
      stored.xml = others
        .map((one) =>
          one.startsWith(`<${device.name} `) && one.includes(`="${mark}"`)
            ? one.replace(/<(?<name>disk|interface) [^]*<\/\k<name>>/u, '')
            : one,
        )
        .join('');
    },
    updateDevice: async (xml) => {
      const stored = domain('updateDevice');
      const device = parseXml(xml);
      const target = device.first('target')?.attribute('dev');
      const mark = target === undefined ? '' : `dev="${target}"`;
      const same = new RegExp(`<${device.name} [^]*?</${device.name}>`, 'gu');
      stored.xml = stored.xml.replaceAll(same, (one) => (one.includes(mark) ? xml : one));
    },
    resizeDisk: async (target, bytes) => {
      domain('resizeDisk');
      host.sizes.set(target, { capacityBytes: bytes, takenBytes: 0 });
    },
    tuneDisk: async () => void domain('tuneDisk'),
    setVcpus: async (count, what) =>
      changeAmount(host, name, domain(`setVcpus ${what}`), what, vcpusTo(count, what)),
    setMemory: async (kib, what) =>
      changeAmount(host, name, domain(`setMemory ${what}`), what, memoryTo(kib, what)),
    snapshots: async () => {
      domain('snapshots');
      const { documents, current } = host.snapshotsOf(name);
      return { documents: [...documents.values()], current };
    },
    takeSnapshot: async (xml) => {
      const { state, xml: before } = domain('takeSnapshot');
      if (state === 'shut off') throw failure('takeSnapshot', 'not-running');
      const overlays = new Map(
        parseXml(xml)
          .all('disks', 'disk')
          .map((disk) => [disk.attribute('name') ?? '', disk.first('source')?.attribute('file') ?? '']),
      );
      const on = new Map(readLayers(before).map((layers) => [layers.target, layers]));
      const changes = [...overlays].flatMap(([target, path]) => {
        const layers = on.get(target);
        return layers === undefined ? [] : [[target, { path, on: layers }] as const];
      });
      host.domains.set(name, {
        ...host.domains.get(name),
        xml: withOverlays(before, new Map(changes)),
      } as FakeDomain);
      host.keep(name, xml.replace('</domainsnapshot>', `${before}</domainsnapshot>`));
    },
    keepSnapshot: async (xml) => {
      domain('keepSnapshot');
      host.keep(name, xml);
    },
    forgetSnapshot: async (snapshot) => {
      domain('forgetSnapshot');
      const kept = host.snapshotsOf(name);
      present(kept.documents.get(snapshot), 'Domain.forgetSnapshot');
      kept.documents.delete(snapshot);
      if (kept.current === snapshot) kept.current = [...kept.documents.keys()].at(-1);
    },
    wholeDocument: async () => domain('wholeDocument').xml,
    undefine: async () => {
      domain('undefine');
      host.snapshots.delete(name);
      host.domains.delete(name);
    },
  };
}

/** The document with that element of a namespace, without attributes of others in it, or without one. */
function withElement(
  xml: string,
  element: string | undefined,
  { prefix, uri }: { readonly prefix: string; readonly uri: string },
): string {
  const old = new RegExp(`<${prefix}:(\\w+) [^>]*(?:/>|>[^<]*</${prefix}:\\1>)`, 'u');
  const without = xml.replace(old, '').replace('<metadata></metadata>', '');
  if (element === undefined) return without;
  const inside = element
    .replace(/^<(?<name>\w+)/u, `<${prefix}:$<name> xmlns:${prefix}="${uri}"`)
    .replace(/><\/\w+>$/u, '/>')
    .replace(/<\/(?<name>\w+)>$/u, `</${prefix}:$<name>>`);
  return without.includes('<metadata>')
    ? without.replace('<metadata>', () => `<metadata>${inside}`)
    : without.replace('</name>', () => `</name><metadata>${inside}</metadata>`);
}
