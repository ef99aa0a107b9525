import type {
  DiskSizes,
  DomainState,
  DomainStatus,
  SeenAddress,
  Traffic,
} from '../../hypervisor/domain-facts.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { Connection } from '../connection/connection.ts';
import { diskSizes } from './disks/sizes.ts';
import { stateFromNumber } from './state.ts';
import { domainStatus, VIR_DOMAIN_XML_INACTIVE, VIR_DOMAIN_XML_LIVE } from './status.ts';
import { nameOf, uuidOf } from './identity.ts';
import { missingFiles } from './disks/missing-files.ts';
import type { Pointer } from '../abi/native.ts';
import { seenAddresses } from './addresses.ts';
import { traffic } from './traffic.ts';
import { VIR_ERR } from '../abi/error.ts';
import { HypervisorError, isReason } from '../../errors/hypervisor-error.ts';

/** Without it libvirt asks a guest agent first, and waits for one that hangs. */
const VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN = 1;
const VIR_DOMAIN_METADATA_ELEMENT = 2;
const VIR_DOMAIN_AFFECT_LIVE = 1;
const VIR_DOMAIN_AFFECT_CONFIG = 2;

/**
 * virDomainUndefineFlagsValues, newest last.
 * https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainUndefineFlagsValues
 */
const MANAGED_SAVE = 1;
const SNAPSHOTS_METADATA = 2;
const NVRAM = 4;
const KEEP_NVRAM = 8;
const CHECKPOINTS_METADATA = 16;
const TPM = 32;

export class LibvirtDomain implements Domain {
  readonly name: string;
  readonly uuid: string;
  readonly #connection: Connection;
  readonly #pointer: Pointer<'virDomain'>;

  constructor(connection: Connection, pointer: Pointer<'virDomain'>) {
    this.#connection = connection;
    this.#pointer = pointer;
    this.name = nameOf(pointer);
    this.uuid = uuidOf(pointer);
  }

  /** https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainLookupByName */
  static async find(connection: Connection, name: string): Promise<LibvirtDomain | undefined> {
    const found = await connection.findObject('virDomain', 'virDomainLookupByName', connection.pointer, name);
    return found && new LibvirtDomain(connection, found);
  }

  /** https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainLookupByUUIDString */
  static async findByUuid(connection: Connection, uuid: string): Promise<LibvirtDomain | undefined> {
    const name = 'virDomainLookupByUUIDString';
    const found = await connection.findObject('virDomain', name, connection.pointer, uuid);
    return found && new LibvirtDomain(connection, found);
  }

  static async define(connection: Connection, xml: string): Promise<LibvirtDomain> {
    const defined = await connection.callObject(
      'virDomain',
      'virDomainDefineXMLFlags',
      connection.pointer,
      xml,
      0,
    );
    return new LibvirtDomain(connection, defined);
  }

  xml(view: 'stored' | 'live'): Promise<string> {
    const flags = view === 'stored' ? VIR_DOMAIN_XML_INACTIVE : VIR_DOMAIN_XML_LIVE;
    return this.#connection.callString('virDomainGetXMLDesc', this.#pointer, flags);
  }

  async isPersistent(): Promise<boolean> {
    return (await this.#connection.callNumber('virDomainIsPersistent', this.#pointer)) === 1;
  }

  async state(): Promise<DomainState> {
    const state = [0];
    await this.#connection.call('virDomainGetState', this.#pointer, state, [0], 0);
    return stateFromNumber(state[0] ?? 0);
  }

  status(): Promise<DomainStatus> {
    return domainStatus(this.#connection, this.#pointer);
  }

  diskSizes(targets: readonly string[], withinMs: number): Promise<DiskSizes> {
    return diskSizes(this.#connection, this.#pointer, targets, withinMs);
  }

  missingFiles(withinMs: number): Promise<readonly string[]> {
    return missingFiles(this.#connection, this.#pointer, withinMs);
  }

  traffic(taps: readonly string[]): Promise<ReadonlyMap<string, Traffic>> {
    return traffic(this.#connection, this.#pointer, taps);
  }

  async seenAddresses({
    askAgent,
    withinMs,
  }: {
    readonly askAgent: boolean;
    readonly withinMs: number;
  }): Promise<readonly SeenAddress[]> {
    const seen = await seenAddresses(this.#connection, [{ domain: this.#pointer, askAgent }], withinMs);
    return seen[0] ?? [];
  }

  async start(): Promise<void> {
    await this.#connection.call('virDomainCreate', this.#pointer);
  }

  /** Drivers without ACPI refuse its flag. */
  async shutdown(withinMs: number): Promise<void> {
    const ask = (flags: number): Promise<unknown> =>
      this.#connection.callWithin(withinMs, 'virDomainShutdownFlags', this.#pointer, flags);
    try {
      await ask(VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN);
    } catch (error) {
      if (!refusesFlags(error)) throw error;
      await ask(0);
    }
  }

  async forceOff(): Promise<void> {
    await this.#connection.call('virDomainDestroy', this.#pointer);
  }

  async autostart(): Promise<boolean> {
    const out = [0];
    await this.#connection.call('virDomainGetAutostart', this.#pointer, out);
    return out[0] === 1;
  }

  snapshotCount(): Promise<number> {
    return this.#connection.callNumber('virDomainSnapshotNum', this.#pointer, 0);
  }

  async setAutostart(on: boolean): Promise<void> {
    await this.#connection.call('virDomainSetAutostart', this.#pointer, on ? 1 : 0);
  }

  async setMetadata(element: string, { prefix, uri }: { prefix: string; uri: string }): Promise<void> {
    const set = (affected: number): Promise<unknown> =>
      this.#connection.call(
        'virDomainSetMetadata',
        this.#pointer,
        VIR_DOMAIN_METADATA_ELEMENT,
        element,
        prefix,
        uri,
        affected,
      );
    try {
      await set(VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG);
    } catch (error) {
      if (!isReason(error, 'not-running')) throw error;
      await set(VIR_DOMAIN_AFFECT_CONFIG);
    }
  }

  /** A libvirt that does not know the newest flag refuses all of them: ask again with one fewer. */
  async undefine({ keepNvram }: { readonly keepNvram: boolean } = { keepNvram: false }): Promise<void> {
    const nvram = keepNvram ? KEEP_NVRAM : NVRAM;
    const known = [MANAGED_SAVE, SNAPSHOTS_METADATA, nvram, CHECKPOINTS_METADATA, TPM];
    for (let count = known.length; ; count -= 1) {
      const flags = known.slice(0, count).reduce((all, flag) => all | flag, 0);
      try {
        await this.#connection.call('virDomainUndefineFlags', this.#pointer, flags);
        return;
      } catch (error) {
        if (!refusesFlags(error) || count === 0) throw error;
      }
    }
  }
}

function refusesFlags(error: unknown): boolean {
  return error instanceof HypervisorError && error.code === VIR_ERR.INVALID_ARG;
}
