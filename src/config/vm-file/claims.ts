import type { CheckedText } from './check.ts';
import { macFor } from '../values/mac.ts';
import type { ConfigPath } from '../machine.ts';
import { nameMistake } from '../values/names.ts';
import { listAt, valueAt } from '../yaml/raw-value.ts';
import { hostOf } from './rules/vm-file.ts';

/** What only one VM of a network can have. */
export interface Claim {
  readonly kind: 'name' | 'address' | 'MAC address';
  readonly id: string;
  readonly path: ConfigPath;
}

/** What a file claims for its VM; of one with mistakes, what is sound of it. */
export function claimsOf({ machine, value }: Pick<CheckedText, 'machine' | 'value'>): readonly Claim[] {
  if (machine === undefined) {
    return [...claimsOfName(value), ...claimsOfAddresses(value)];
  }
  const interfaces = machine.interfaces.flatMap(({ address, mac }, index) =>
    interfaceClaims(index, address, mac),
  );
  return [{ kind: 'name', id: machine.name, path: ['name'] }, ...interfaces];
}

function claimsOfName(value: unknown): readonly Claim[] {
  const name = valueAt(value, 'name');
  return typeof name === 'string' && nameMistake(name) === undefined
    ? [{ kind: 'name', id: name.toLowerCase(), path: ['name'] }]
    : [];
}

function claimsOfAddresses(value: unknown): readonly Claim[] {
  return listAt(value, 'network_interfaces').flatMap((entry, index) => {
    const ip = valueAt(entry, 'ip');
    const address = typeof ip === 'string' ? hostOf(ip) : undefined;
    return address === undefined ? [] : interfaceClaims(index, address, macFor(address));
  });
}

function interfaceClaims(index: number, address: string, mac: string): readonly Claim[] {
  const path = ['network_interfaces', index];
  return [
    { kind: 'address', id: address, path: [...path, 'ip'] },
    { kind: 'MAC address', id: mac, path: [...path, mac === macFor(address) ? 'ip' : 'mac'] },
  ];
}
