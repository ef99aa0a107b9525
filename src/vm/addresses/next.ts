import { hostsFrom, inSubnet, parseCidr, parseIpv4, subnetText } from '../../config/values/ipv4.ts';
import type { Cidr } from '../../config/values/ipv4.ts';
import type { Machine } from '../../config/machine.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { quote } from '../../text/quote.ts';

/** Who has an address, by address. */
export type Taken = ReadonlyMap<string, string>;

/** @throws PlowError (config) for what is no subnet */
export function subnetOf(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr !== undefined && cidr.prefixLength > 0) return cidr;
  throw new PlowError('config', `${quote(text)} is no subnet`, {
    hint: 'give one as 10.20.30.0/24, or an address to begin at, as 10.20.30.50/24',
  });
}

/**
 * The first addresses from one on that nobody has.
 * @throws PlowError (operation) where there are not so many
 */
export function nextFree(cidr: Cidr, count: number, taken: Taken): readonly string[] {
  const free: string[] = [];
  for (const address of hostsFrom(cidr)) {
    if (free.length === count) break;
    if (!taken.has(address)) free.push(`${address}/${cidr.prefixLength}`);
  }
  if (free.length === count) return free;
  const found = free.length === 0 ? 'no address' : `only ${free.length} of ${count} addresses`;
  throw new PlowError('operation', `${found} of ${subnetText(cidr)} from ${cidr.text} on free`, {
    hint:
      free.length === 0 ? whoHasAll(cidr, taken) : `-o json --count ${free.length} tells who has the others`,
  });
}

/** Where none is free. */
function whoHasAll(cidr: Cidr, taken: Taken): string {
  const others = takenIn(cidr, taken).filter(({ address }) => (parseIpv4(address) ?? 0) >= cidr.address);
  const [first, ...more] = others;
  if (first === undefined) return 'no host can have an address there: give another subnet';
  return `${first.address} is taken: ${first.why}${more.length === 0 ? '' : ` (and ${more.length} more)`}`;
}

/** Of those that somebody has, those in the subnet, in order. */
export function takenIn(
  cidr: Cidr,
  taken: Taken,
): readonly { readonly address: string; readonly why: string }[] {
  return [...taken]
    .flatMap(([address, why]) => {
      const number = parseIpv4(address);
      return number !== undefined && inSubnet(number, cidr) ? [{ address, why, number }] : [];
    })
    .toSorted((one, other) => one.number - other.number)
    .map(({ address, why }) => ({ address, why }));
}

/** What VM files say. @param where each stands */
export function takenByFiles(
  machines: readonly { readonly machine: Pick<Machine, 'name' | 'interfaces'>; readonly where: string }[],
): Taken {
  const taken = new Map<string, string>();
  for (const { machine, where } of machines) {
    for (const { gateway } of machine.interfaces)
      if (gateway !== undefined) taken.set(gateway, `the gateway of VM '${machine.name}' (${where})`);
  }
  for (const { machine, where } of machines)
    for (const { address } of machine.interfaces) taken.set(address, `VM '${machine.name}' (${where})`);
  return taken;
}
