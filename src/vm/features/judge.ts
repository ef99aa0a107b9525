import type { CpuMode, VirtType } from '../../config/machine.ts';
import type { DomainCapabilities } from '../../libvirt-xml/read/domain-capabilities.ts';
import { versionText } from './version.ts';
import { FEATURES } from './table.ts';
import type { Decider, Feature, FeatureName } from './table.ts';

/** What a hypervisor has told, as far as it was asked; undefined: it does not tell, or not us. */
export interface Told {
  readonly libvirt?: number | undefined;
  /** How guests can run. */
  readonly virtTypes?: readonly VirtType[] | undefined;
  /** What it lists of guests. */
  readonly guestFeatures?: ReadonlySet<string> | undefined;
  /** How the guest in question runs. */
  readonly runsAs?: VirtType | undefined;
  readonly ofDomains?: Omit<DomainCapabilities, 'cpuModels'> | undefined;
  readonly listsInterfaces?: boolean | undefined;
}

export interface Judgement {
  readonly name: FeatureName;
  readonly what: string;
  /** Undefined: it cannot be told. */
  readonly has: boolean | undefined;
  /** `libvirt 9.0.0, and 12.3.0 has it` */
  readonly why: string;
  /** What to do without it. */
  readonly otherwise: string;
}

/** In a sentence: what is not to be had, why, and what to do instead. */
export function refusal({ what, why, otherwise }: Judgement): string {
  return `this hypervisor has no ${what} (${why}): ${otherwise}`;
}

/** Whether a hypervisor has a feature. */
export function judge(name: FeatureName, told: Told): Judgement {
  const { what, decided, otherwise }: Feature = FEATURES[name];
  return { name, what, otherwise, ...answer(decided, told) };
}

type Answer = Pick<Judgement, 'has' | 'why'>;

function answer(decided: Decider, told: Told): Answer {
  const { virtTypes, guestFeatures, ofDomains, libvirt } = told;
  if (decided.by === 'libvirt') return byVersion(decided, libvirt);
  if (decided.by === 'virt type') return listed(virtTypes?.includes(decided.virtType), 'capabilities');
  if (decided.by === 'guest feature') return listed(guestFeatures?.has(decided.element), 'capabilities');
  if (decided.by === 'firmware') return listed(ofDomains?.firmware.includes(decided.firmware), domains(told));
  if (decided.by === 'secure boot') return listed(ofDomains?.hasSecureFirmware, domains(told));
  if (decided.by === 'tpm') return listed(ofDomains?.hasEmulatedTpm, domains(told));
  if (decided.by === 'virtiofs') return listed(ofDomains?.hasVirtiofs, domains(told));
  if (decided.by === 'vnc') return listed(ofDomains?.hasVnc, domains(told));
  if (decided.by === 'cpu mode') return listed(hasMode(decided.mode, told), domains(told));
  return byInterfaces(told);
}

function byInterfaces({ listsInterfaces: has }: Told): Answer {
  if (has === undefined) return untold('its interfaces');
  return { has, why: `libvirt has ${has ? 'a' : 'no'} driver of interfaces` };
}

function byVersion(
  { since, brokenFrom }: { readonly since: number; readonly brokenFrom?: number },
  libvirt: number | undefined,
): Answer {
  if (libvirt === undefined) return untold('its version');
  const has = libvirt >= since || (brokenFrom !== undefined && libvirt < brokenFrom);
  const until =
    brokenFrom === undefined
      ? `${versionText(since)} and later have it`
      : `not those from ${versionText(brokenFrom)} to before ${versionText(since)}`;
  return { has, why: `libvirt ${versionText(libvirt)}; ${until}` };
}

/**
 * A libvirt that does not know a mode does not list it. A passthrough needs the processor: that libvirt need
 * not tell.
 */
function hasMode(mode: CpuMode, { ofDomains, runsAs }: Told): boolean | undefined {
  if (mode === 'host-passthrough' && runsAs === 'qemu') return false;
  if (ofDomains === undefined || ofDomains.cpuModes.size === 0) return undefined;
  return ofDomains.cpuModes.get(mode) ?? false;
}

function domains({ runsAs }: Told): string {
  return runsAs === undefined ? 'domain capabilities' : `domain capabilities of ${runsAs}`;
}

function listed(has: boolean | undefined, where: string): Answer {
  if (has === undefined) return untold(`its ${where}`);
  return { has, why: `its ${where} ${has ? 'list it' : 'do not list it'}` };
}

function untold(what: string): Answer {
  return { has: undefined, why: `libvirt does not tell ${what}` };
}
