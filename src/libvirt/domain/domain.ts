import type {
  DiskSizes,
  DomainState,
  DomainStatus,
  DomainViews,
  SeenAddress,
  Traffic,
} from '../../hypervisor/domain-facts.ts';
import type { Amount, Domain, DomainSnapshots, SerialConsole } from '../../hypervisor/domain.ts';
import type { Screen } from '../../hypervisor/screen.ts';
import type { Connection } from '../connection/connection.ts';
import { Handle } from '../connection/handle.ts';
import { LiveStream } from './live-stream.ts';
import { typedNumbers } from './disks/io-tune.ts';
import { bytesRead } from './disks/bytes-read.ts';
import { diskSizes } from './disks/sizes.ts';
import { stateFromNumber } from './state.ts';
import { domainStatus, domainViews, VIR_DOMAIN_XML_INACTIVE, VIR_DOMAIN_XML_LIVE } from './status.ts';
import { nameOf, uuidOf } from './identity.ts';
import { missingFiles } from './disks/missing-files.ts';
import type { FunctionName } from '../abi/functions.ts';
import type { Pointer } from '../abi/native.ts';
import { seenAddresses } from './addresses.ts';
import { forgetSnapshot, keepSnapshot, snapshotsOf, takeSnapshot } from './past/snapshots.ts';
import { firstAccepted } from '../connection/first-accepted.ts';
import { undefine } from './past/undefine.ts';
import { traffic } from './traffic.ts';
import { screenOf } from './screen/screen.ts';
import { isReason } from '../../errors/hypervisor-error.ts';

/** Without it libvirt asks a guest agent first, and waits for one that hangs. */
const VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN = 1;
/** libvirt itself waits 30 seconds for another job of the same domain. */
const QEMU_MS = 35_000;
const VIR_DOMAIN_XML_SECURE = 1;
/**
 * virDomainConsoleFlags; SAFE: nobody else may have the console at the same time.
 * https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainConsoleFlags
 */
const VIR_DOMAIN_CONSOLE_FORCE = 1;
const VIR_DOMAIN_CONSOLE_SAFE = 2;
const VIR_DOMAIN_METADATA_DESCRIPTION = 0;
const VIR_DOMAIN_METADATA_ELEMENT = 2;
const VIR_DOMAIN_AFFECT_LIVE = 1;
const VIR_DOMAIN_AFFECT_CONFIG = 2;
const VIR_DOMAIN_DEVICE_MODIFY_FORCE = 4;
const VIR_DOMAIN_BLOCK_RESIZE_BYTES = 1;
/** Since 12.3.0. */
const VIR_DOMAIN_BLOCK_RESIZE_EXTEND = 4;
/** virDomainVcpuFlags and virDomainMemoryModFlags have the same numbers. */
const AMOUNTS: Readonly<Record<Amount, number>> = {
  live: VIR_DOMAIN_AFFECT_LIVE,
  stored: VIR_DOMAIN_AFFECT_CONFIG,
  'stored maximum': VIR_DOMAIN_AFFECT_CONFIG | 4,
};

export class LibvirtDomain extends Handle<'virDomain'> implements Domain {
  readonly name: string;
  readonly uuid: string;

  constructor(connection: Connection, pointer: Pointer<'virDomain'>) {
    super(connection, pointer);
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
    return this.callString('virDomainGetXMLDesc', flags);
  }

  async isPersistent(): Promise<boolean> {
    return (await this.callNumber('virDomainIsPersistent')) === 1;
  }

  async state(): Promise<DomainState> {
    const state = [0];
    await this.call('virDomainGetState', state, [0], 0);
    return stateFromNumber(state[0] ?? 0);
  }

  status(): Promise<DomainStatus> {
    return this.use((domain) => domainStatus(this.connection, domain));
  }

  views(): Promise<DomainViews> {
    return this.use((domain) => domainViews(this.connection, domain));
  }

  diskSizes(targets: readonly string[], withinMs: number): Promise<DiskSizes> {
    return this.use((domain) => diskSizes(this.connection, domain, targets, withinMs));
  }

  missingFiles(withinMs: number): Promise<readonly string[]> {
    return this.use((domain) => missingFiles(this.connection, domain, withinMs));
  }

  traffic(taps: readonly string[]): Promise<ReadonlyMap<string, Traffic>> {
    return this.use((domain) => traffic(this.connection, domain, taps));
  }

  bytesRead(withinMs: number): Promise<number | undefined> {
    return this.use((domain) => bytesRead(this.connection, domain, withinMs));
  }

  async seenAddresses({
    askAgent,
    withinMs,
  }: {
    readonly askAgent: boolean;
    readonly withinMs: number;
  }): Promise<readonly SeenAddress[]> {
    const seen = await this.use((domain) => seenAddresses(this.connection, [{ domain, askAgent }], withinMs));
    return seen[0] ?? [];
  }

  openConsole(isForced: boolean): Promise<SerialConsole> {
    const flags = VIR_DOMAIN_CONSOLE_SAFE | (isForced ? VIR_DOMAIN_CONSOLE_FORCE : 0);
    return this.use((domain) =>
      LiveStream.open(this.connection, (stream) =>
        this.connection.call('virDomainOpenConsole', domain, null, stream, flags),
      ),
    );
  }

  get screen(): Screen {
    return screenOf(this.connection, (work) => this.use(work));
  }

  async start(): Promise<void> {
    await this.call('virDomainCreate');
  }

  /** Drivers without ACPI refuse its flag. */
  async shutdown(withinMs: number): Promise<void> {
    await this.use((domain) =>
      firstAccepted([VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN, 0], (flags) =>
        this.connection.callWithin(withinMs, 'virDomainShutdownFlags', domain, flags),
      ),
    );
  }

  async forceOff(): Promise<void> {
    await this.call('virDomainDestroy');
  }

  async suspend(): Promise<void> {
    await this.#bounded('virDomainSuspend');
  }

  async resume(): Promise<void> {
    await this.#bounded('virDomainResume');
  }

  async wakeUp(): Promise<void> {
    await this.#bounded('virDomainPMWakeup', 0);
  }

  async updateDevice(xml: string, views: readonly ('stored' | 'live')[], isForced: boolean): Promise<void> {
    const flags = flagsOf(views) | (isForced ? VIR_DOMAIN_DEVICE_MODIFY_FORCE : 0);
    await this.#bounded('virDomainUpdateDeviceFlags', xml, flags);
  }

  async attachDevice(xml: string, views: readonly ('stored' | 'live')[]): Promise<void> {
    await this.#bounded('virDomainAttachDeviceFlags', xml, flagsOf(views));
  }

  async detachDevice(xml: string, views: readonly ('stored' | 'live')[]): Promise<void> {
    await this.#bounded('virDomainDetachDeviceFlags', xml, flagsOf(views));
  }

  async resizeDisk(target: string, bytes: number, canRefuse: boolean): Promise<void> {
    const flags = VIR_DOMAIN_BLOCK_RESIZE_BYTES | (canRefuse ? VIR_DOMAIN_BLOCK_RESIZE_EXTEND : 0);
    await this.#bounded('virDomainBlockResize', target, bytes, flags);
  }

  async tuneDisk(target: string, limits: ReadonlyMap<string, number>): Promise<void> {
    const flags = VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG;
    await this.#bounded('virDomainSetBlockIoTune', target, typedNumbers(limits), limits.size, flags);
  }

  async setVcpus(count: number, what: Amount): Promise<void> {
    await this.#bounded('virDomainSetVcpusFlags', count, AMOUNTS[what]);
  }

  async setMemory(kib: number, what: Amount): Promise<void> {
    await this.#bounded('virDomainSetMemoryFlags', kib, AMOUNTS[what]);
  }

  /** Other VMs wait for its answer: one whose QEMU hangs does not break the connection. */
  #bounded(name: FunctionName, ...args: readonly (number | string | Buffer)[]): Promise<unknown> {
    return this.use((domain) => this.connection.callWithin(QEMU_MS, name, domain, ...args));
  }

  /** https://libvirt.org/html/libvirt-libvirt-qemu.html#virDomainQemuAgentCommand */
  async askAgent(command: string, withinMs: number): Promise<string> {
    const [name, seconds] = ['virDomainQemuAgentCommand', Math.ceil(withinMs / 1000)] as const;
    return this.use(
      async (domain) =>
        (await this.connection.callWithin(withinMs, name, domain, command, seconds, 0)) as string,
    );
  }

  async autostart(): Promise<boolean> {
    const out = [0];
    await this.call('virDomainGetAutostart', out);
    return out[0] === 1;
  }

  snapshotCount(): Promise<number> {
    return this.callNumber('virDomainSnapshotNum', 0);
  }

  snapshots(): Promise<DomainSnapshots> {
    return this.use((domain) => snapshotsOf(this.connection, domain));
  }

  takeSnapshot(xml: string, how: { readonly quiesce: boolean }): Promise<void> {
    return this.use((domain) => takeSnapshot(this.connection, domain, xml, how));
  }

  keepSnapshot(xml: string): Promise<void> {
    return this.use((domain) => keepSnapshot(this.connection, domain, xml));
  }

  forgetSnapshot(name: string): Promise<void> {
    return this.use((domain) => forgetSnapshot(this.connection, domain, name));
  }

  wholeDocument(): Promise<string> {
    return this.callString('virDomainGetXMLDesc', VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE);
  }

  async setAutostart(on: boolean): Promise<void> {
    await this.call('virDomainSetAutostart', on ? 1 : 0);
  }

  async setDescription(text: string | undefined): Promise<void> {
    await this.#setMetadata([VIR_DOMAIN_METADATA_DESCRIPTION, text ?? null, null, null]);
  }

  async setMetadata(
    element: string | undefined,
    { prefix, uri }: { prefix: string; uri: string },
    isOff = false,
  ): Promise<void> {
    await this.#setMetadata([VIR_DOMAIN_METADATA_ELEMENT, element ?? null, prefix, uri], isOff);
  }

  async #setMetadata(words: readonly (number | string | null)[], isOff = false): Promise<void> {
    await this.use(async (domain) => {
      const set = (affected: number): Promise<unknown> =>
        this.connection.call('virDomainSetMetadata', domain, ...words, affected);
      try {
        if (!isOff) return await set(VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG);
      } catch (error) {
        if (!isReason(error, 'not-running')) throw error;
      }
      return set(VIR_DOMAIN_AFFECT_CONFIG);
    });
  }

  undefine({ keepNvram }: { readonly keepNvram: boolean } = { keepNvram: false }): Promise<void> {
    return this.use((domain) => undefine(this.connection, domain, keepNvram));
  }
}

function flagsOf(views: readonly ('stored' | 'live')[]): number {
  return views.reduce((all, view) => all | AMOUNTS[view], 0);
}
