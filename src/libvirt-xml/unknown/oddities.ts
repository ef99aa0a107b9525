import { METADATA_NAMESPACE } from '../metadata/metadata.ts';
import { parseXml } from '../read/parse.ts';
import type { XmlElement } from '../read/parse.ts';
import { ANYTHING, misfits } from './shape.ts';
import type { Shape } from './shape.ts';

/** Where libvirt has put a device. */
const PLACE = { address: ANYTHING, alias: ANYTHING } as const;

const DISK: Shape = {
  attributes: { type: true, device: true },
  children: {
    ...PLACE,
    driver: { attributes: { name: /^qemu$/u, type: true, cache: true, discard: true } },
    source: {
      attributes: { file: true, dev: true, pool: true, volume: true, index: true },
      children: { seclabel: ANYTHING },
    },
    backingStore: ANYTHING,
    target: { attributes: { dev: true, bus: true } },
    readonly: {},
  },
};

const INTERFACE: Shape = {
  attributes: { type: true },
  children: {
    ...PLACE,
    mac: { attributes: { address: true, type: /^static$/u } },
    source: { attributes: { '*': true } },
    model: { attributes: { type: true } },
    mtu: { attributes: { size: true } },
  },
};

/** Those that libvirt adds by itself, and the one of the seed. */
const CONTROLLERS: readonly Shape[] = [
  {
    ...ANYTHING,
    attributes: { type: /^(?:usb|pci|ide|sata|virtio-serial|fdc|isa)$/u, index: true, model: true },
  },
  { attributes: { type: /^scsi$/u, index: /^0$/u, model: /^virtio-scsi$/u }, children: PLACE },
];

const SERIAL_TARGET: Shape = {
  attributes: { type: /^isa-serial$/u, port: /^0$/u },
  children: { model: { attributes: { name: /^isa-serial$/u } } },
};

const AGENT_TARGET: Shape = {
  attributes: { type: /^virtio$/u, name: /^org\.qemu\.guest_agent\.0$/u, state: true },
};

const DEVICES: Shape = {
  children: {
    emulator: ANYTHING,
    disk: DISK,
    interface: INTERFACE,
    controller: { oneOf: CONTROLLERS },
    serial: {
      oneOf: [
        { attributes: { type: /^pty$/u }, children: { ...PLACE, source: ANYTHING, target: SERIAL_TARGET } },
      ],
    },
    console: {
      oneOf: [
        {
          attributes: { type: /^pty$/u, tty: true },
          children: {
            ...PLACE,
            source: ANYTHING,
            target: { attributes: { type: /^serial$/u, port: /^0$/u } },
          },
        },
      ],
    },
    channel: {
      oneOf: [
        { attributes: { type: /^unix$/u }, children: { ...PLACE, source: ANYTHING, target: AGENT_TARGET } },
      ],
    },
    input: { oneOf: [{ attributes: { type: true, bus: /^ps2$/u }, children: PLACE }] },
    audio: { oneOf: [{ attributes: { id: true, type: /^none$/u } }] },
    memballoon: { oneOf: [{ attributes: { model: /^virtio$/u }, children: PLACE }] },
    rng: {
      oneOf: [
        {
          attributes: { model: /^virtio$/u },
          children: {
            ...PLACE,
            backend: { attributes: { model: /^random$/u }, text: /^\/dev\/urandom$/u },
          },
        },
      ],
    },
  },
};

const OS: Shape = {
  attributes: { firmware: /^efi$/u },
  children: {
    type: { attributes: { arch: /^x86_64$/u, machine: true }, text: /^hvm$/u },
    firmware: {
      children: { feature: { attributes: { enabled: /^no$/u, name: /^(?:secure-boot|enrolled-keys)$/u } } },
    },
    loader: {
      attributes: { readonly: true, type: /^pflash$/u, secure: /^no$/u, format: true, stateless: /^no$/u },
    },
    nvram: ANYTHING,
    boot: { attributes: { dev: /^hd$/u } },
  },
};

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
    vcpu: { attributes: { placement: /^static$/u } },
    resource: { children: { partition: { text: /^\/machine$/u } } },
    os: OS,
    features: { children: { acpi: {}, apic: {}, vmport: ANYTHING } },
    cpu: {
      attributes: { mode: /^host-(?:model|passthrough)$/u, check: true, migratable: /^on$/u },
      children: { model: { attributes: { fallback: /^allow$/u }, text: /^$/u } },
    },
    clock: { attributes: { offset: /^utc$/u } },
    on_poweroff: { text: /^destroy$/u },
    on_reboot: { text: /^restart$/u },
    on_crash: { text: /^destroy$/u },
    devices: DEVICES,
    seclabel: { attributes: { type: /^(?:dynamic|none)$/u, model: true, relabel: true } },
  },
};

/**
 * What a domain document says that plow would not write: neither a value of a VM file, nor what libvirt adds by itself.
 * And what plow gives every VM and this one does not have. Of disks and interfaces only what DomainFacts leaves out.
 * https://libvirt.org/formatdomain.html
 */
export function readOddities(domainDocument: string): readonly string[] {
  const domain = parseXml(domainDocument);
  const named = withoutDevices(misfits(domain, DOMAIN, ''));
  return [...foreignMetadata(domain), ...named, ...missing(domain)];
}

function withoutDevices(words: readonly string[]): readonly string[] {
  return words.map((one) => one.replace(/^devices /u, ''));
}

function foreignMetadata(domain: XmlElement): readonly string[] {
  return domain.all('metadata').flatMap((metadata) =>
    metadata.children().flatMap((element) => {
      const uri = element.attributeNames().filter((name) => name.startsWith('xmlns'));
      const uris = uri.map((name) => element.attribute(name) ?? '');
      return uris.includes(METADATA_NAMESPACE.uri) ? [] : [`metadata ${element.name} (${uris.join(' ')})`];
    }),
  );
}

/** What plow gives every VM, in words, and whether it is there. */
const ALWAYS: readonly (readonly [words: string, isThere: (domain: XmlElement) => boolean])[] = [
  ['ACPI', (domain) => domain.first('features', 'acpi') !== undefined],
  ['a serial console', (domain) => domain.first('devices', 'serial') !== undefined],
  ['a channel for the guest agent', (domain) => domain.all('devices', 'channel', 'target').some(isAgents)],
  ['a random number generator', (domain) => domain.first('devices', 'rng') !== undefined],
];

function isAgents(target: XmlElement): boolean {
  return target.attribute('name') === 'org.qemu.guest_agent.0';
}

function missing(domain: XmlElement): readonly string[] {
  const words = ALWAYS.filter(([, isThere]) => !isThere(domain)).map(([word]) => word);
  return words.length === 0 ? [] : [`plow gives every VM what this one has not: ${words.join(', ')}`];
}
