import { ARCHITECTURES } from '../../config/architectures.ts';
import { ARCHES, CPU_MODES, ON_CRASH } from '../../config/machine.ts';
import { ANYTHING, PLACE } from '../domain/devices/device.ts';
import type { Shape } from '../domain/devices/device.ts';
import { DEVICES } from '../domain/devices/devices.ts';
import { readShares } from '../domain/devices/share.ts';
import { FW_CFG, FW_CFG_OPTIONS } from '../domain/extras/fw-cfg.ts';
import { MEMORY_BACKING } from '../domain/layout/memory-backing.ts';
import { CPU_SHAPES, LAYOUT_SHAPES } from '../domain/layout/read.ts';
import { END_NAMESPACE } from '../metadata/end.ts';
import { GUARD_NAMESPACE } from '../metadata/guard.ts';
import { METADATA_NAMESPACE } from '../metadata/metadata.ts';
import { REBUILD_NAMESPACE } from '../metadata/rebuild.ts';
import { HOME_NAMESPACE } from '../move/home.ts';
import type { XmlElement } from '../read/parse.ts';
import { misfits } from './misfits.ts';

/** Namespaces of plow's own metadata. */
const OWN: ReadonlySet<string> = new Set([
  METADATA_NAMESPACE.uri,
  GUARD_NAMESPACE.uri,
  END_NAMESPACE.uri,
  REBUILD_NAMESPACE.uri,
  HOME_NAMESPACE.uri,
]);

/** Those that plow writes, and those that libvirt adds by itself. */
const DEVICE_SHAPES: Shape = {
  children: Object.assign(
    {
      emulator: ANYTHING,
      audio: { oneOf: [{ attributes: { id: true, type: /^none$/u } }] },
      memballoon: { oneOf: [{ attributes: { model: /^virtio$/u }, children: PLACE }] },
    },
    ...DEVICES.map(({ shapes }) => shapes),
  ),
};

const OS: Shape = {
  attributes: { firmware: /^efi$/u },
  children: {
    type: {
      attributes: { arch: new RegExp(`^(?:${ARCHES.join('|')})$`, 'u'), machine: true },
      text: /^hvm$/u,
    },
    firmware: {
      children: {
        feature: { attributes: { enabled: /^(?:yes|no)$/u, name: /^(?:secure-boot|enrolled-keys)$/u } },
      },
    },
    loader: {
      attributes: {
        readonly: true,
        type: /^pflash$/u,
        secure: /^(?:yes|no)$/u,
        format: true,
        stateless: /^no$/u,
      },
    },
    nvram: ANYTHING,
    boot: { attributes: { dev: /^(?:hd|cdrom|network)$/u } },
  },
};

const FEATURES = ARCHES.flatMap((arch) => ARCHITECTURES[arch].features);

const DOMAIN: Shape = {
  attributes: { type: /^(?:kvm|qemu)$/u, id: true },
  children: {
    name: ANYTHING,
    uuid: ANYTHING,
    description: ANYTHING,
    // Told by namespace.
    metadata: ANYTHING,
    memory: { attributes: { unit: true } },
    currentMemory: { attributes: { unit: true } },
    memoryBacking: MEMORY_BACKING,
    vcpu: { attributes: { placement: /^static$/u, current: /^\d+$/u } },
    ...LAYOUT_SHAPES,
    resource: { children: { partition: { text: /^\/machine$/u } } },
    iothreads: { text: /^\d+$/u },
    sysinfo: FW_CFG,
    commandline: FW_CFG_OPTIONS,
    os: OS,
    features: {
      children: {
        ...Object.fromEntries(FEATURES.map((name) => [name, {}])),
        // Those that libvirt adds by itself.
        vmport: ANYTHING,
        // With Secure Boot.
        smm: { attributes: { state: /^on$/u } },
        gic: { attributes: { version: /^(?:2|3|host)$/u } },
      },
    },
    cpu: {
      attributes: {
        mode: new RegExp(`^(?:${CPU_MODES.join('|')}|custom)$`, 'u'),
        match: /^exact$/u,
        check: true,
        migratable: /^on$/u,
      },
      children: {
        ...CPU_SHAPES,
        // The name of one is known from elsewhere.
        model: { attributes: { fallback: /^(?:allow|forbid)$/u } },
      },
    },
    clock: { attributes: { offset: /^utc$/u } },
    on_poweroff: { text: /^destroy$/u },
    on_reboot: { text: /^restart$/u },
    on_crash: { text: new RegExp(`^(?:${ON_CRASH.join('|')})$`, 'u') },
    devices: DEVICE_SHAPES,
    seclabel: { attributes: { type: /^(?:dynamic|none)$/u, model: true, relabel: true } },
  },
};

/**
 * What a domain document says that plow would not write: neither a value of a VM file, nor what libvirt adds
 * by itself. Of disks and interfaces only what
 * DomainFacts leaves out. https://libvirt.org/formatdomain.html
 */
export function readOddities(domain: XmlElement): readonly string[] {
  const named = withoutDevices(misfits(domain, DOMAIN, ''));
  return [...foreignMetadata(domain), ...named, ...policies(domain), ...sharedMemory(domain)];
}

function withoutDevices(words: readonly string[]): readonly string[] {
  return words.map((one) => one.replace(/^devices /u, ''));
}

/** plow writes them for drives alone. */
function policies(domain: XmlElement): readonly string[] {
  return domain.all('devices', 'disk').flatMap((disk) => {
    const policy = disk.first('source')?.attribute('startupPolicy');
    if (policy === undefined || disk.attribute('device') === 'cdrom') return [];
    return [`disk ${disk.first('target')?.attribute('dev') ?? '?'} source startupPolicy=${policy}`];
  });
}

/** plow has memory shared with others where virtiofsd is one of them. */
function sharedMemory(domain: XmlElement): readonly string[] {
  if (readShares(domain.first('devices')).length > 0) return [];
  return (domain.first('memoryBacking')?.children() ?? []).flatMap(({ name }) =>
    name === 'source' || name === 'access' ? [`memoryBacking ${name}`] : [],
  );
}

function foreignMetadata(domain: XmlElement): readonly string[] {
  return domain.all('metadata').flatMap((metadata) =>
    metadata.children().flatMap((element) => {
      const uri = element.attributeNames().filter((name) => name.startsWith('xmlns'));
      const uris = uri.map((name) => element.attribute(name) ?? '');
      return uris.some((one) => OWN.has(one)) ? [] : [`metadata ${element.name} (${uris.join(' ')})`];
    }),
  );
}

/** What plow gives every VM, and this one does not have. */
export function readLacks(domain: XmlElement): readonly string[] {
  const devices = domain.first('devices');
  return [
    ...(domain.first('features', 'acpi') === undefined ? ['ACPI'] : []),
    ...DEVICES.flatMap(({ always }) =>
      always === undefined || (devices !== undefined && always.isIn(devices)) ? [] : [always.words],
    ),
  ];
}
