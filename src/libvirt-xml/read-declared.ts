import type { PublicMachine } from './domain-metadata.ts';

/**
 * The configuration that a VM was made with, as its metadata has it. Anyone may have written that, and another version of plow
 * may have known fewer keys: what is not there as it should be is undefined.
 */
export interface Declared {
  readonly name: string | undefined;
  readonly vcpus: number | undefined;
  readonly memoryKib: number | undefined;
  readonly bootDisk: DeclaredDisk & {
    readonly image: string | undefined;
    readonly imageFormat: string | undefined;
    readonly format: string | undefined;
  };
  readonly dataDisks: readonly (DeclaredDisk & { readonly device: string })[];
  readonly interfaces: readonly DeclaredInterface[];
  /** Undefined: it was made without a seed. */
  readonly cloudInit: DeclaredCloudInit | undefined;
  readonly cpuMode: string | undefined;
  readonly autostart: boolean | undefined;
  readonly firmware: string | undefined;
  /** Undefined: what the hypervisor could do. */
  readonly virtType: string | undefined;
  readonly machineType: string | undefined;
  readonly description: string | undefined;
  readonly tags: readonly string[];
}

export interface DeclaredDisk {
  readonly sizeGib: number | undefined;
  readonly cache: string | undefined;
  readonly discard: string | undefined;
}

export interface DeclaredInterface {
  readonly address: string;
  readonly prefixLength: number | undefined;
  readonly gateway: string | undefined;
  readonly dnsServers: readonly string[];
  readonly bridge: string | undefined;
  readonly defaultRoute: boolean | undefined;
  readonly mac: string | undefined;
  /** Bytes. */
  readonly mtu: number | undefined;
}

export interface DeclaredCloudInit {
  readonly fqdn: string | undefined;
  readonly hostname: string | undefined;
  readonly sshPasswordAuth: boolean | undefined;
  readonly bus: string | undefined;
}

/** @param machine of which only what readMetadata looks at is sure */
export function readDeclared(machine: PublicMachine): Declared {
  const all = new Fields(machine);
  const boot = all.child('bootDisk');
  const memoryMib = all.number('memoryMib');
  const cloudInit = all.child('cloudInit');
  return {
    name: all.text('name'),
    vcpus: all.number('vcpus'),
    memoryKib: memoryMib === undefined ? undefined : memoryMib * 1024,
    bootDisk: {
      ...readDisk(boot),
      image: boot.text('image'),
      imageFormat: boot.text('imageFormat'),
      format: boot.text('format'),
    },
    dataDisks: all
      .children('dataDisks')
      .map((disk) => ({ device: disk.text('device') ?? '?', ...readDisk(disk) })),
    interfaces: all.children('interfaces').map(readInterface),
    cloudInit: cloudInit.isThere ? readCloudInit(cloudInit) : undefined,
    cpuMode: all.text('cpuMode'),
    autostart: all.flag('autostart'),
    firmware: all.text('firmware'),
    virtType: all.text('virtType'),
    machineType: all.text('machineType'),
    description: all.text('description'),
    tags: all.texts('tags'),
  };
}

function readDisk(disk: Fields): DeclaredDisk {
  return { sizeGib: disk.number('sizeGib'), cache: disk.text('cache'), discard: disk.text('discard') };
}

function readInterface(one: Fields): DeclaredInterface {
  return {
    address: one.text('address') ?? '?',
    prefixLength: one.number('prefixLength'),
    gateway: one.text('gateway'),
    dnsServers: one.texts('dnsServers'),
    bridge: one.text('bridge'),
    defaultRoute: one.flag('defaultRoute'),
    mac: one.text('mac')?.toLowerCase(),
    mtu: one.number('mtu'),
  };
}

function readCloudInit(seed: Fields): DeclaredCloudInit {
  return {
    fqdn: seed.text('fqdn'),
    hostname: seed.text('hostname'),
    sshPasswordAuth: seed.flag('sshPasswordAuth'),
    bus: seed.text('bus'),
  };
}

/** What a value of any kind has under a key, where that is of the kind that is asked for. */
class Fields {
  readonly isThere: boolean;
  readonly #fields: ReadonlyMap<string, unknown>;

  constructor(value: unknown) {
    const isThere = typeof value === 'object' && value !== null;
    this.isThere = isThere;
    this.#fields = new Map<string, unknown>(isThere ? Object.entries(value) : []);
  }

  text(key: string): string | undefined {
    const value = this.#fields.get(key);
    return typeof value === 'string' ? value : undefined;
  }

  number(key: string): number | undefined {
    const value = this.#fields.get(key);
    return typeof value === 'number' ? value : undefined;
  }

  flag(key: string): boolean | undefined {
    const value = this.#fields.get(key);
    return typeof value === 'boolean' ? value : undefined;
  }

  texts(key: string): readonly string[] {
    return this.#list(key).filter((one) => typeof one === 'string');
  }

  child(key: string): Fields {
    return new Fields(this.#fields.get(key));
  }

  children(key: string): readonly Fields[] {
    return this.#list(key).map((one) => new Fields(one));
  }

  #list(key: string): readonly unknown[] {
    const value = this.#fields.get(key);
    return Array.isArray(value) ? value : [];
  }
}
