import { KERNEL } from '../console-log/lines.ts';
import { complaintIn, saidIn, withComplaint } from './complaints.ts';
import type { Complaint } from './complaints.ts';
import { addressIn, networkFlawIn, worse } from './network-lines.ts';
import type { NetworkFlaw, ToldAddress } from './network-lines.ts';

/** What the console of one boot has told so far. A guest writes what it likes: all of it is hearsay. */
export interface ConsoleFacts {
  /** The firmware or a boot loader has said something. */
  readonly firmware: boolean;
  /** In its own words, as all lines here; undefined once a kernel came up after all. */
  readonly nothingToBoot: string | undefined;
  /** Secure Boot took a boot loader for one that nobody has signed. */
  readonly unsigned: boolean;
  readonly kernel: boolean;
  /** A kernel that gave up, or a system that waits for a person. */
  readonly stuck: string | undefined;
  /** Why Ignition failed; or the stage of it that did, where it has not said more. */
  readonly ignition: string | undefined;
  /** The system's first process is at work. */
  readonly system: boolean;
  /** It asks who wants to log in. */
  readonly login: boolean;
  readonly cloudInit: boolean;
  /** cloud-init has none, or none but its fallback. */
  readonly noDatasource: boolean;
  /** As cloud-init lists them once the network is up. */
  readonly addresses: readonly ToldAddress[];
  /** What keeps the network down. */
  readonly network: NetworkFlaw | undefined;
  /** What cloud-init warned of. */
  readonly complaints: readonly Complaint[];
  /** What a program of cloud-init's printed last, since it warned. */
  readonly said: string | undefined;
  /** cloud-init's last word. */
  readonly finished: string | undefined;
  /** Seconds that the guest says it has been up. */
  readonly upSeconds: number;
  /** The last line with something in it. */
  readonly last: string | undefined;
}

export const NO_FACTS: ConsoleFacts = {
  firmware: false,
  nothingToBoot: undefined,
  unsigned: false,
  kernel: false,
  stuck: undefined,
  ignition: undefined,
  system: false,
  login: false,
  cloudInit: false,
  noDatasource: false,
  addresses: [],
  network: undefined,
  complaints: [],
  said: undefined,
  finished: undefined,
  upSeconds: 0,
  last: undefined,
};

/** More of a line is not looked at, nor kept. */
const LONGEST = 400;
const MOST_ADDRESSES = 64;

const FIRMWARE =
  /BdsDxe: |UEFI Interactive Shell v\d|^(?:SeaBIOS \(version |iPXE (?:\(|\d)|Booting from |Welcome to GRUB!)/u;
/** OVMF, SeaBIOS, iPXE, GRUB, and what lies in the boot sector of disks without a system. */
const NOTHING_TO_BOOT =
  /BdsDxe: No bootable option|UEFI Interactive Shell v\d|^(?:No bootable device|Boot failed: not a bootable disk|No more network devices|grub rescue>|Missing operating system|Operating system not found)/u;
/** EDK II. */
const UNSIGNED = /^BdsDxe: failed to load .*: (?:Access Denied|Security Violation)/u;
const STUCK =
  /Kernel panic - not syncing|^You are in (?:emergency|rescue) mode|^(?:Entering emergency mode|Press Enter for (?:maintenance|emergency)|Give root password for)|^\(initramfs\)|Dropping to a shell!|Cannot open access to console, the root account is locked/u;
/** Its last line, by itself or in one of the journal's. https://coreos.github.io/ignition/ */
const IGNITION_FAILED = /(?:^|\bignition\[\d{1,9}\]: (?:[A-Z]{1,9} *: )?)Ignition failed: (?<why>.{1,300})/u;
const IGNITION_STAGE = /Failed to start (?:ignition-\S{1,60} - )?Ignition \((?<stage>[\w-]{1,30})\)/u;
const SYSTEM = /systemd\[1\]: |^Welcome to [^!]{1,80}!$|^INIT: version |OpenRC \d/u;
const LOGIN = /^[\w.-]{1,64} login: ?/u;
const STAMP = /^\[ *(?<seconds>\d{1,9}\.\d{3,6})\] /u;
/** `Cloud-init v. 22.4.2 running 'init' at ...`, from any of its versions. */
const STAGE = /Cloud-init v\. \S{1,60} running '/u;
/** cloud-init's default. https://docs.cloud-init.io/en/latest/reference/modules.html#final-message */
const FINISHED =
  /Cloud-init v\. \S{1,60} finished at .{1,60}\. +Datasource (?<datasource>.{1,200}?)\. +Up (?<up>\d{1,9}\.\d{1,3}) seconds/u;
const FALLBACK = /Used fallback datasource/u;
/** With one more line. @param whole of a log: printable */
export function withLine(facts: ConsoleFacts, whole: string): ConsoleFacts {
  const line = whole.slice(0, LONGEST).trim();
  if (line === '') return facts;
  const next = { ...facts, last: line, upSeconds: Math.max(facts.upSeconds, upAt(line)) };
  if (KERNEL.test(line)) return { ...next, kernel: true, nothingToBoot: undefined, unsigned: false };
  return { ...next, ...bootFacts(facts, line), ...cloudInitFacts(facts, line) };
}

function bootFacts(facts: ConsoleFacts, line: string): Partial<ConsoleFacts> {
  const isNothing = !facts.kernel && NOTHING_TO_BOOT.test(line);
  return {
    ...(FIRMWARE.test(line) || isNothing ? { firmware: true } : {}),
    ...(isNothing ? { nothingToBoot: line } : {}),
    ...(UNSIGNED.test(line) ? { firmware: true, unsigned: true } : {}),
    ...(STUCK.test(line) ? { stuck: line } : {}),
    ...ignitionFacts(facts, line),
    ...(SYSTEM.test(line) ? { kernel: true, system: true } : {}),
    ...(LOGIN.test(line) ? { kernel: true, system: true, login: true } : {}),
    network: worse(facts.network, networkFlawIn(line)),
  };
}

/** Its own words say more than systemd's, whichever come first. */
function ignitionFacts({ ignition }: ConsoleFacts, line: string): Partial<ConsoleFacts> {
  const why = IGNITION_FAILED.exec(line)?.groups?.['why'];
  if (why !== undefined) return { kernel: true, system: true, ignition: why };
  const stage = IGNITION_STAGE.exec(line)?.groups?.['stage'];
  return stage === undefined || ignition !== undefined ? {} : { ignition: `its stage ${stage}` };
}

function cloudInitFacts(facts: ConsoleFacts, line: string): Partial<ConsoleFacts> {
  const started = { kernel: true, system: true, cloudInit: true };
  const finished = FINISHED.exec(line)?.groups;
  if (finished !== undefined) {
    const isNone = finished['datasource'] === 'DataSourceNone';
    return { ...started, finished: line, noDatasource: facts.noDatasource || isNone };
  }
  if (STAGE.test(line)) return started;
  if (FALLBACK.test(line)) return { ...started, noDatasource: true };
  const told = addressIn(line);
  if (told !== undefined) return { ...started, addresses: [...facts.addresses, told].slice(-MOST_ADDRESSES) };
  return complaintFacts(facts, line, started);
}

function complaintFacts(
  facts: ConsoleFacts,
  line: string,
  started: Partial<ConsoleFacts>,
): Partial<ConsoleFacts> {
  const complaint = complaintIn(line);
  if (complaint === undefined) {
    const said = saidIn(line);
    return said === undefined ? {} : { ...started, said };
  }
  return {
    ...started,
    complaints: withComplaint(facts.complaints, complaint, facts.said),
    said: undefined,
  };
}

function upAt(line: string): number {
  return Number(FINISHED.exec(line)?.groups?.['up'] ?? STAMP.exec(line)?.groups?.['seconds'] ?? 0);
}
