import { PlowError } from '../../../errors/plow-error.ts';
import { isPattern } from '../../../text/pattern.ts';
import { quote } from '../../../text/quote.ts';
import type { Selection } from '../../../vm/list/select.ts';
import type { Environment } from '../../environment.ts';
import type { WorkOnHosts } from '../../run/hosts/on-hosts.ts';
import { hostName } from '../../run/hosts/several.ts';
import { hasBareNames } from '../../run/hosts/vms-of-hosts.ts';
import type { Settings } from '../../settings/settings.ts';
import { isSettled, settleDestroy } from './confirm.ts';
import type { DestroyOptions } from './options.ts';

/**
 * What has to be settled before VMs of several hosts are destroyed, once all hosts have answered; undefined:
 * nothing.
 */
export function beforeOnHosts(
  selection: Selection,
  options: DestroyOptions,
  hosts: readonly Settings[],
  ask: Environment['ask'],
): WorkOnHosts['before'] {
  const { words, all, tags } = selection;
  const areNamed = !all && tags.length === 0 && !words.some(isPattern);
  const isBare = hasBareNames(
    selection,
    hosts.map((settings) => ({ name: hostName(settings) })),
  );
  if (isSettled(options, areNamed) && !isBare) return undefined;
  return async (chosen, lost) => {
    const [first] = chosen;
    const [away] = lost;
    const [bare] = chosen.flatMap(({ vms }) => vms.filter(({ name }) => words.includes(name)));
    // It may be the other one that is meant.
    if (away !== undefined && bare !== undefined) {
      const message = `nothing was destroyed: whether ${away.name} has a VM ${quote(bare.name)} too is not known`;
      const own = chosen.find(({ vms }) => vms.includes(bare))?.host.name ?? '';
      throw new PlowError('connection', message, { hint: `${own}:${bare.name} names this one` });
    }
    const vms = chosen.flatMap(({ host, vms: some }) =>
      some.map(({ name, isNamed, uuid, find }) => ({
        name: `${host.name}:${name}`,
        isNamed,
        find: async () => (uuid === null ? undefined : find()),
      })),
    );
    if (first !== undefined) await settleDestroy(vms, options, ask, first.context.signal);
  };
}
