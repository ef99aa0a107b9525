import { tidy } from '../../config/draft/draft.ts';
import type { DraftValues, Remark } from '../../config/draft/draft.ts';
import type { FileDefaults } from '../../config/vm-file/fill-in.ts';
import { MIB_PER_GIB } from '../../text/units.ts';
import { draftText } from '../export/draft-text.ts';

/** What is known of a VM that is to be, as texts that somebody gave. What is undefined is not in the file. */
export interface NewVm {
  readonly name?: string | undefined;
  /** Of the settings. */
  readonly host?: string | undefined;
  readonly image?: string | undefined;
  readonly vcpus?: string | undefined;
  /** GiB. */
  readonly memory?: string | undefined;
  /** GiB. */
  readonly disk?: string | undefined;
  readonly bridge?: string | undefined;
  readonly ip?: string | undefined;
  readonly gateway?: string | undefined;
  /** Addresses with commas or blanks between them. */
  readonly dns?: string | undefined;
  /** Who logs in; undefined: whom the image has for that. */
  readonly user?: string | undefined;
  readonly keys?: readonly string[] | undefined;
  /** What reads `keys` in the guest. */
  readonly guest: 'cloud-init' | 'ignition';
}

const NOTED = ['name', 'memory', 'disk', 'image', 'ip', 'gateway', 'bridge', 'keys'] as const;

/** Words about an answer, which stand before its key as a comment. */
export type Notes = Readonly<Partial<Record<(typeof NOTED)[number], string | undefined>>>;

/** Whom images have for logging in, by what reads the keys there. */
export const USUAL_USER = { 'cloud-init': 'root', ignition: 'core' } as const;

/** Where an answer stands in the file. */
export function placeOf(key: keyof NewVm, vm: NewVm): readonly (string | number)[] {
  const section = sectionOf(vm);
  const places = {
    name: ['name'],
    host: ['host'],
    image: ['boot_disk', 'image'],
    vcpus: ['vcpus'],
    memory: [wholeMib(vm.memory) === undefined ? 'memory_gib' : 'memory_mib'],
    disk: ['boot_disk', 'size_gb'],
    bridge: ['network_interfaces', 0, 'bridge'],
    ip: ['network_interfaces', 0, 'ip'],
    gateway: ['network_interfaces', 0, 'gateway'],
    dns: ['network_interfaces', 0, 'dns_servers'],
    user: ['provisioning', 'login_user'],
    keys: [section, 'ssh_keys'],
    guest: [section],
  } as const;
  return places[key];
}

/** `cloud_init` is what most files have; it knows no other user than root. */
function sectionOf({ user, guest }: NewVm): 'cloud_init' | 'provisioning' {
  return guest === 'cloud-init' && isUsual({ user, guest }) ? 'cloud_init' : 'provisioning';
}

function isUsual({ user, guest }: Pick<NewVm, 'user' | 'guest'>): boolean {
  return user === undefined || user === USUAL_USER[guest];
}

/** The values of the file, right or wrong: a text that is no number stays one. */
function valuesOf(vm: NewVm): Readonly<Record<string, unknown>> {
  const { name, host, image, vcpus, memory, disk, bridge, ip, gateway, dns } = vm;
  const mib = wholeMib(memory);
  return {
    name,
    host,
    vcpus: numberOf(vcpus),
    ...(mib === undefined ? { memory_gib: numberOf(memory) } : { memory_mib: mib }),
    boot_disk: { size_gb: numberOf(disk), image },
    network_interfaces: [{ ip, gateway, bridge, dns_servers: wordsOf(dns) }],
    [sectionOf(vm)]: guestOf(vm),
  };
}

function guestOf({ user, guest, keys }: NewVm): object {
  if (isUsual({ user, guest })) return { ssh_keys: keys };
  const users = user === 'root' ? {} : { users: [{ name: user, sudo: true }] };
  return { login_user: user, ssh_keys: keys, ...users };
}

function numberOf(text: string | undefined): unknown {
  return text !== undefined && /^-?\d+(?:\.\d+)?$/u.test(text) ? Number(text) : text;
}

/** Of `1.5` GiB: a file says it in MiB. */
function wholeMib(memory: string | undefined): number | undefined {
  const gib = numberOf(memory);
  if (typeof gib !== 'number' || Number.isInteger(gib)) return undefined;
  return Number.isInteger(gib * MIB_PER_GIB) ? gib * MIB_PER_GIB : undefined;
}

function wordsOf(text: string | undefined): readonly string[] | undefined {
  const words = text?.split(/[\s,]+/u).filter((word) => word !== '') ?? [];
  return words.length === 0 ? undefined : words;
}

/**
 * The file of a new VM, with comments, as `plow new` writes it. With a line end behind it.
 * @param defaults that readers of the file have: an empty list of keys is written where these have some
 */
export function newVmText(
  vm: NewVm,
  notes: Notes,
  headings: readonly string[],
  defaults?: FileDefaults,
): string {
  const remarks = NOTED.flatMap((key): readonly Remark[] => {
    const text = notes[key];
    return text === undefined || vm[key] === undefined ? [] : [{ path: placeOf(key, vm), text }];
  });
  const values = valuesOf(vm) as DraftValues;
  const draft = { values, defaults: {}, remarks, rest: [], gains: [] };
  return `${draftText(tidy(draft, defaults), headings)}\n`;
}
