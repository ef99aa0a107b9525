import type { DiskFormat, KnownImage, NetworkInterface, ProvisioningFormat } from '../../config/machine.ts';
import type { Extras, IoLimits } from '../../config/machine/extras.ts';
import { declaredExtras, declaredIoLimits } from './extras.ts';
import { imagePathMistake, imageWordMistake, isImageDigest } from '../../config/values/names.ts';
import { isBootDiskFile, isProvisioningFile } from '../../config/vm-paths.ts';
import { isMap, valueAt } from '../../config/yaml/raw-value.ts';
import type { Layout } from '../../config/machine/layout.ts';
import { readStoredLayout } from './layout.ts';
import { declaredVnc } from './vnc.ts';
import type { DeclaredVnc } from './vnc.ts';
import { readMedia } from './media.ts';
import type { DeclaredMedia } from './media.ts';

const KIB_PER_MIB = 1024;
const FORMATS: readonly DiskFormat[] = ['qcow2', 'raw'];
/** Becomes part of a file's name. */
const DEVICE = /^[a-z0-9]+$/u;

/**
 * The configuration that a VM was made with, as its metadata has it. Anyone may have written that, and
 * another version of plow may have known fewer keys: what is not there as it should be is undefined.
 */
export interface Declared extends Extras, DeclaredMedia {
  readonly name: string;
  readonly vcpus: number | undefined;
  readonly memoryKib: number | undefined;
  readonly bootDisk: DeclaredDisk & {
    readonly image: string | undefined;
    readonly imageFormat: string | undefined;
    readonly format: DiskFormat;
    /** Its name in the VM's directory; undefined: that of the one which the VM was made with. */
    readonly file: string | undefined;
  };
  readonly dataDisks: readonly (DeclaredDisk & { readonly device: string })[];
  readonly interfaces: readonly DeclaredInterface[];
  /** Undefined: nothing sets up its guest. */
  readonly provisioning: DeclaredProvisioning | undefined;
  readonly cpuMode: string | undefined;
  readonly layout: Layout | undefined;
  readonly autostart: boolean | undefined;
  readonly lifetimeMinutes: number | undefined;
  readonly onCrash: string;
  readonly firmware: string | undefined;
  /** Undefined: what the hypervisor could do. */
  readonly virtType: string | undefined;
  /** Undefined: the hypervisor's own. */
  readonly arch: string | undefined;
  readonly machineType: string | undefined;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  readonly fleet: string | undefined;
  readonly group: string | undefined;
  /** The base image, where plow had pulled it; undefined where nothing but its path is known. */
  readonly image: KnownImage | undefined;
  /** Undefined: it was made without a screen. */
  readonly vnc: DeclaredVnc | undefined;
}

export interface DeclaredDisk {
  readonly sizeGib: number | undefined;
  readonly cache: string | undefined;
  readonly discard: string | undefined;
  readonly ioLimits: IoLimits | undefined;
}

export interface DeclaredInterface {
  readonly mode: NetworkInterface['mode'];
  readonly address: string;
  readonly prefixLength: number | undefined;
  readonly gateway: string | undefined;
  readonly dnsServers: readonly string[];
  readonly bridge: string | undefined;
  readonly defaultRoute: boolean | undefined;
  readonly mac: string | undefined;
  /** Bytes. */
  readonly mtu: number | undefined;
  readonly vlan: number | undefined;
  readonly bootsFromNetwork: boolean;
}

export interface DeclaredProvisioning {
  readonly format: ProvisioningFormat;
  /**
   * Name of its seed or config in the VM's directory; undefined: that of the one which the VM was made with.
   */
  readonly file: string | undefined;
  readonly fqdn: string | undefined;
  readonly hostname: string | undefined;
  readonly sshPasswordAuth: boolean | undefined;
  /** Of a seed. */
  readonly bus: string | undefined;
  readonly sshUser: string | undefined;
  /** Public halves, none where the guest makes its own; undefined: not known. */
  readonly sshHostKeys: readonly string[] | undefined;
}

/** The versions of StoredVm that can be read: 0.1.0 wrote the first one without its number. */
const NEWEST = 1;

/**
 * Reads what toStored wrote, or another version of plow, or anyone else. Undefined where it lacks what `list`
 * and `destroy` cannot do without: the VM counts as not made by plow.
 */
export function readDeclared(stored: unknown): Declared | undefined {
  const all = new Fields(stored);
  const boot = all.child('bootDisk');
  const name = all.text('name');
  const format = FORMATS.find((one) => one === boot.text('format'));
  const dataDisks = all.children('dataDisks')?.map(readDataDisk);
  const interfaces = all.children('interfaces')?.map(readInterface);
  if ((all.number('version') ?? NEWEST) > NEWEST || name === undefined || format === undefined)
    return undefined;
  if (!areAllThere(dataDisks) || !areAllThere(interfaces)) return undefined;
  const memoryMib = all.number('memoryMib');
  return {
    name,
    vcpus: all.number('vcpus'),
    memoryKib: memoryMib === undefined ? undefined : memoryMib * KIB_PER_MIB,
    bootDisk: {
      ...readDisk(boot),
      image: boot.text('image'),
      imageFormat: boot.text('imageFormat'),
      format,
      file: nameIn(boot, isBootDiskFile),
    },
    dataDisks,
    interfaces,
    ...readMedia(all),
    provisioning: readProvisioning(all),
    cpuMode: all.text('cpuMode'),
    layout: readStoredLayout(valueAt(stored, 'layout')),
    autostart: all.flag('autostart'),
    lifetimeMinutes: all.number('lifetimeMinutes'),
    onCrash: all.text('onCrash') ?? 'destroy',
    firmware: all.text('firmware'),
    virtType: all.text('virtType'),
    arch: all.text('arch'),
    machineType: all.text('machineType'),
    description: all.text('description'),
    tags: all.texts('tags'),
    fleet: all.text('fleet'),
    group: all.text('group'),
    image: readImage(all.child('image')),
    vnc: declaredVnc(all.child('vnc')),
    ...declaredExtras(stored),
  };
}

/** Anyone may have written it: what plow would not call so is none. */
function nameIn(fields: Fields, isOurs: (file: string) => boolean): string | undefined {
  const file = fields.text('file');
  return file !== undefined && isOurs(file) ? file : undefined;
}

function areAllThere<T>(all: readonly (T | undefined)[] | undefined): all is readonly T[] {
  return all?.includes(undefined) === false;
}

/** Undefined unless it is as plow writes it: it becomes a word of a VM file again. */
function readImage(image: Fields): KnownImage | undefined {
  const [name, version, path] = [image.text('name'), image.text('version'), image.text('path')];
  if (name === undefined || version === undefined || path === undefined) return undefined;
  if ((imageWordMistake(name) ?? imageWordMistake(version) ?? imagePathMistake(path)) !== undefined)
    return undefined;
  const digest = image.text('digest');
  return { name, version, digest: digest !== undefined && isImageDigest(digest) ? digest : undefined, path };
}

function readDataDisk(disk: Fields): Declared['dataDisks'][number] | undefined {
  const device = disk.text('device');
  return device !== undefined && DEVICE.test(device) ? { device, ...readDisk(disk) } : undefined;
}

function readDisk(disk: Fields): DeclaredDisk {
  return {
    sizeGib: disk.number('sizeGib'),
    cache: disk.text('cache'),
    discard: disk.text('discard'),
    ioLimits: declaredIoLimits(disk.value('ioLimits')),
  };
}

function readInterface(one: Fields): DeclaredInterface | undefined {
  const address = one.text('address');
  if (address === undefined) return undefined;
  return {
    mode: one.text('mode') === 'ethernet' ? 'ethernet' : 'bridge',
    address,
    prefixLength: one.number('prefixLength'),
    gateway: one.text('gateway'),
    dnsServers: one.texts('dnsServers'),
    bridge: one.text('bridge'),
    defaultRoute: one.flag('defaultRoute'),
    mac: one.text('mac')?.toLowerCase(),
    mtu: one.number('mtu'),
    vlan: one.number('vlan'),
    bootsFromNetwork: one.flag('bootsFromNetwork') ?? false,
  };
}

/** A format that this plow does not know is as good as none. */
function readProvisioning(all: Fields): DeclaredProvisioning | undefined {
  const [seed, other] = [all.child('cloudInit'), all.child('provisioning')];
  if (seed.isThere) return readGuest(seed, 'cloud-init');
  return other.text('format') === 'ignition' ? readGuest(other, 'ignition') : undefined;
}

function readGuest(seed: Fields, format: ProvisioningFormat): DeclaredProvisioning {
  return {
    format,
    file: nameIn(seed, isProvisioningFile),
    fqdn: seed.text('fqdn'),
    hostname: seed.text('hostname'),
    sshPasswordAuth: seed.flag('sshPasswordAuth'),
    bus: seed.text('bus'),
    sshUser: seed.text('sshUser'),
    sshHostKeys: seed.has('sshHostKeys') ? seed.texts('sshHostKeys') : undefined,
  };
}

type JsonMap = Readonly<Record<string, unknown>>;
const NOTHING: JsonMap = {};

/**
 * What a value of JSON has under a key, where that is of the kind that is asked for. A list of a thousand VMs
 * reads as many of them: no key of an object's prototype is ever asked for, so that nothing looks whose it
 * is.
 */
class Fields {
  readonly isThere: boolean;
  readonly #map: JsonMap;

  constructor(value: unknown) {
    this.isThere = isMap(value);
    this.#map = isMap(value) ? value : NOTHING;
  }

  has(key: string): boolean {
    return this.#map[key] !== undefined;
  }

  text(key: string): string | undefined {
    const value = this.#map[key];
    return typeof value === 'string' ? value : undefined;
  }

  number(key: string): number | undefined {
    const value = this.#map[key];
    return typeof value === 'number' ? value : undefined;
  }

  flag(key: string): boolean | undefined {
    const value = this.#map[key];
    return typeof value === 'boolean' ? value : undefined;
  }

  /** None unless all of them are. */
  texts(key: string): readonly string[] {
    const all = this.#list(key) ?? [];
    return all.every((one) => typeof one === 'string') ? all : [];
  }

  value(key: string): unknown {
    return this.#map[key];
  }

  child(key: string): Fields {
    return new Fields(this.#map[key]);
  }

  /** Undefined where there is no list. */
  children(key: string): readonly Fields[] | undefined {
    return this.#list(key)?.map((one) => new Fields(one));
  }

  #list(key: string): readonly unknown[] | undefined {
    const value = this.#map[key];
    return Array.isArray(value) ? value : undefined;
  }
}
