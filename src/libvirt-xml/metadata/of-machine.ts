import type { Machine } from '../../config/machine.ts';
import { readDeclared } from './declared.ts';
import type { Declared } from './declared.ts';
import { toStored } from './stored-vm.ts';

/** What the metadata of a VM would say had it been made of this machine, as it would be read again. */
export function declaredOf(machine: Machine): Declared {
  const declared = readDeclared(JSON.parse(JSON.stringify(toStored(machine))));
  if (declared === undefined) throw new Error('plow cannot read its own metadata');
  return declared;
}
