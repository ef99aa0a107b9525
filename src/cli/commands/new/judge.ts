import { checkText } from '../../../config/vm-file/check.ts';
import type { CheckedText } from '../../../config/vm-file/check.ts';
import type { DefaultsByHost } from '../../../config/vm-file/to-machine.ts';
import { newVmText, placeOf } from '../../../views/new/vm-file.ts';
import type { NewVm } from '../../../views/new/vm-file.ts';
import type { Known } from './questions.ts';

/** Answers that a file takes, in place of those that are not there yet. */
const STAND_IN: NewVm = {
  name: 'vm',
  image: '/image.qcow2',
  vcpus: '1',
  memory: '1',
  disk: '1',
  bridge: 'br0',
  ip: '10.0.0.2/24',
  gateway: '10.0.0.1',
  keys: [],
  guest: 'cloud-init',
};

/** What a VM file of these answers is told. */
export function checkedVm(vm: NewVm, file: string, defaults: DefaultsByHost): CheckedText {
  return checkText(file, newVmText(vm, {}, [], defaults.fill), defaults);
}

/** What is wrong with an answer, in the words in which VM files are told; undefined: nothing. */
export function mistakeIn(key: keyof NewVm, vm: NewVm, defaults: DefaultsByHost): string | undefined {
  const { diagnostics } = checkedVm({ ...STAND_IN, ...vm }, '-', defaults);
  const place = placeOf(key, vm)
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .slice(1);
  const isThere = (at: string): boolean => at === place || at.startsWith(`${place}[`);
  return diagnostics.find((one) => one.severity === 'error' && isThere(one.key))?.text;
}

/** Whether a file has to say it, with what the settings say already. */
export function isNeeded(key: keyof NewVm, vm: NewVm, { fill, ...usual }: DefaultsByHost): boolean {
  if (key === 'keys') return fill?.values.ssh_keys === undefined;
  return mistakeIn(key, { ...vm, [key]: undefined }, { fill, ...usual }) !== undefined;
}

/** Who has already what a new VM is to have, as far as it was looked at. */
export function takenBy(key: keyof NewVm, text: string, { offers, taken }: Known): string | undefined {
  const name = text.toLowerCase();
  if (key === 'name' && offers?.vms.includes(name) === true) return `there is a VM '${name}' already`;
  const [address = ''] = text.split('/');
  const who = key === 'ip' ? taken.get(address) : undefined;
  return who === undefined ? undefined : `${address} is in use: ${who}`;
}
