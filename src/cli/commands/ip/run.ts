import { jsonDocument } from '../../../documents/json-text.ts';
import { subnetText } from '../../../config/values/ipv4.ts';
import { printable } from '../../../text/printable.ts';
import { nextFree, subnetOf, takenByFiles, takenIn } from '../../../vm/addresses/next.ts';
import type { Taken } from '../../../vm/addresses/next.ts';
import { usedAddresses } from '../../../vm/addresses/used.ts';
import type { UsedAddresses } from '../../../vm/addresses/used.ts';
import type { Environment } from '../../environment.ts';
import type { OutsideFiles } from '../../options/outside-files.ts';
import { lookOnHosts } from '../../run/hosts/look.ts';
import { hostName } from '../../run/hosts/several.ts';
import { runReport } from '../../run/session.ts';
import type { Places } from '../../settings/places.ts';
import { readMachines } from '../create/machines.ts';

export interface NextOrder extends OutsideFiles {
  readonly subnet: string;
  readonly files: readonly string[];
  readonly count: number;
  readonly output: 'text' | 'json';
}

/** `plow ip next` @throws PlowError, Interrupted */
export async function runNext(order: NextOrder, places: Places, environment: Environment): Promise<void> {
  const { output } = environment;
  const cidr = subnetOf(order.subnet);
  const ofFiles = await takenInFiles(order, places);
  const { taken: ofHosts, unseen } = await usedOnHosts(places, order.output === 'json', environment);
  const taken = new Map([...ofHosts, ...ofFiles]);
  for (const one of unseen) output.say(printable(`note: not looked at: ${one}`));
  const addresses = [...nextFree(cidr, order.count, taken)];
  if (order.output === 'text') for (const address of addresses) output.print(address);
  else {
    const subnet = subnetText(cidr);
    output.print(
      jsonDocument({ subnet, addresses, taken: [...takenIn(cidr, taken)], unseen: [...unseen] }, 'line'),
    );
  }
}

async function takenInFiles(order: NextOrder, places: Places): Promise<Taken> {
  const { files } = order;
  if (files.length === 0) return new Map();
  const { all } = await readMachines(files, { ...order, lifetimeMinutes: undefined, upload: true }, places);
  const machines = all.flatMap((place) => place.machines);
  return takenByFiles(
    machines.map((loaded) => ({ machine: loaded.machine, where: loaded.mistake(['name'], '').file ?? '-' })),
  );
}

/** Of all hosts that are meant; one that cannot be asked is told of. @throws PlowError where none can be */
async function usedOnHosts(
  { usual, all, areSeveral }: Places,
  forPrograms: boolean,
  environment: Environment,
): Promise<UsedAddresses> {
  const use = { lacks: undefined };
  if (!areSeveral) return runReport(usual, environment, undefined, usedAddresses, use);
  const hosts = await lookOnHosts(all, { use, forPrograms }, environment, async (context, settings) => {
    const { taken, unseen } = await usedAddresses(context);
    const on = hostName(settings);
    return {
      taken: [...taken].map(([address, why]) => [address, `${on}: ${why}`] as const),
      unseen: unseen.map((one) => `${on}: ${one}`),
    };
  });
  const errors = hosts.flatMap(({ error }) => error ?? []);
  const [first] = errors;
  if (first !== undefined && errors.length === hosts.length) throw first;
  return {
    taken: new Map(hosts.flatMap(({ result }) => result?.taken ?? [])),
    unseen: hosts.flatMap(({ name, result, error }) =>
      error === undefined ? (result?.unseen ?? []) : [`${name}: ${error.message}`],
    ),
  };
}
