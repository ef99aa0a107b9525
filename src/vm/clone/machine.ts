import { checkText } from '../../config/vm-file/check.ts';
import { label } from '../../config/yaml/mistake.ts';
import type { ConfigPath, LoadedMachine } from '../../config/machine.ts';
import type { DraftValues } from '../../config/draft/draft.ts';
import { seedValues } from '../../config/draft/seed-section.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { FileMistake } from '../../errors/plow-error.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { GIB } from '../../text/units.ts';
import type { ExportedVm } from '../export/export-vm.ts';
import { extraWords, ignitionWords } from './extras.ts';
import { guestOf } from './guest.ts';
import type { CloneGuest } from './guest.ts';
import { mediumOfClone } from './medium.ts';
import type { CloneScreen } from './screen.ts';
import type { SourceDisk } from './source.ts';
import type { CloneWish } from './wish.ts';

/**
 * The machine that a clone is to be: the one that the source is now, with another name, other addresses and
 * the MAC addresses that go with them. Its disks begin as no image.
 * @throws PlowError (validation), a line for each mistake, or (operation) where it would be the source
 */
export function cloneMachine(
  exported: ExportedVm,
  disks: readonly SourceDisk[],
  wish: CloneWish,
  screen: CloneScreen,
): LoadedMachine {
  const guest = guestOf(exported, wish);
  const medium = mediumOfClone(exported);
  const changed = [...guest.changed, ...ignitionWords(exported), ...screen.changed, ...medium.changed];
  const texts = new Map([...guest.texts, ...screen.texts]);
  const own = valuesOf(exported, disks, wish);
  const values = { ...own, ...guestValues(own, guest), vnc: screen.vnc, cdrom: medium.cdrom };
  // JSON is YAML: a clone is checked as every other VM is.
  const text = `${JSON.stringify(values)}\n`;
  const { machine, diagnostics } = checkText(wish.name, text, { virtType: undefined }, texts);
  const wordsAt = (key: string): string => wordsOf(key, wish);
  if (machine === undefined) {
    const mistakes = diagnostics.map(({ key, text: message }) => ({ key: wordsAt(key), message }));
    const lines = mistakes.map(({ key, message }) => `${key}: ${message}`);
    throw new PlowError('validation', lines.join('\n'), { mistakes });
  }
  const locate = (path: ConfigPath): string => wordsAt(label(path));
  const mistake = (path: ConfigPath, message: string): FileMistake => ({ key: locate(path), message });
  const odd = diagnostics.filter(({ key }) => /^network_interfaces\[\d+\]\.ip$/u.test(key));
  const warnings = odd.map(({ key, text: message }) => `${wordsAt(key)}: ${message}`);
  return {
    machine,
    warnings: [...changed, ...leaseWords(exported, wish), ...extraWords(machine), ...warnings],
    locate,
    mistake,
  };
}

/** Of Ignition nothing comes a second time: its guest keeps the host keys that its disk has. */
function guestValues(
  { provisioning }: DraftValues,
  { section }: CloneGuest,
): Pick<DraftValues, 'cloud_init' | 'provisioning'> {
  const none = { cloud_init: undefined, provisioning: undefined };
  if (provisioning?.format === 'ignition')
    return { ...none, provisioning: { ...provisioning, ssh_host_keys: false } };
  return { ...none, ...(section === undefined ? {} : seedValues(section)) };
}

function valuesOf(
  exported: ExportedVm,
  disks: readonly SourceDisk[],
  { name, addresses, isLinked }: CloneWish,
): DraftValues {
  const { domain, draft } = exported;
  const { values } = draft;
  const { network_interfaces: interfaces = [], boot_disk: boot = {}, data_disks: data = [] } = values;
  if (interfaces.length !== addresses.length) {
    const [has, given] = [counted(interfaces.length, 'interface'), counted(addresses.length, 'address')];
    throw new PlowError('validation', `VM '${domain.name}' has ${has}, and there are ${given}`, {
      hint: 'give --ip for each interface, in their order',
    });
  }
  const [first, ...others] = disks.map(({ facts }) => Math.max(1, Math.ceil(facts.capacityBytes / GIB)));
  const { cache, discard, format } = boot;
  return {
    ...values,
    name,
    // It has no file: nobody has asked that it goes with those that had one.
    fleet: undefined,
    expires: leaseOf(exported),
    boot_disk: { cache, discard, format: isLinked ? 'qcow2' : format, size_gb: first, empty: true },
    data_disks: data.map((disk, index) => ({ ...disk, size_gb: others[index] })),
    network_interfaces: interfaces.map((one, index) => ({ ...one, ip: addresses[index], mac: undefined })),
  };
}

/** As long as that of the source, from now on; none where the source has none any more. */
function leaseOf({ evidence, draft }: ExportedVm): DraftValues['expires'] {
  return evidence.facts.end.expires === undefined ? undefined : draft.values.expires;
}

function leaseWords(exported: ExportedVm, { name }: CloneWish): readonly string[] {
  const lease = leaseOf(exported);
  if (lease === undefined) return [];
  return [
    `it has a lease of ${lease}, as the VM has: plow extend ${shellArgument(name)} --for never takes it away`,
  ];
}

function counted(count: number, what: 'address' | 'interface'): string {
  const plural = what === 'address' ? 'addresses' : 'interfaces';
  return `${count} ${count === 1 ? what : plural}`;
}

/** What of the command line, or of the source, a key comes from. */
function wordsOf(key: string, { addresses }: CloneWish): string {
  const index = /^network_interfaces\[(?<index>\d+)\]\.(?:ip|mac)$/u.exec(key)?.groups?.['index'];
  if (index !== undefined) return `--ip ${addresses[Number(index)] ?? ''}`;
  return key === 'name' ? 'the name of the clone' : `${key}, as the source has it`;
}
