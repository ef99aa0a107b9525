import { quote } from '../../text/quote.ts';
import { PlowError } from '../../errors/plow-error.ts';

/** @throws PlowError (config) for what is no name that a VM can have */
export function checkVmName(command: string, name: string): void {
  if (name !== '' && !name.includes('\n')) return;
  throw new PlowError('config', `${command} wants the name of a VM, got ${quote(name)}`, {
    hint: 'plow list --all shows the VMs there are',
  });
}
