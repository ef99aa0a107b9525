import {
  hostAddressMistake,
  hostCidrMistake,
  parseCidr,
  parseIpv4,
  reservedInSubnet,
} from '../../values/ipv4.ts';
import { nobodysOf, ROUTED_GATEWAY } from '../../values/tap.ts';
import { defaultRoutes } from './default-routes.ts';
import type { ConfigPath } from '../../machine.ts';
import type { Mistake } from '../../yaml/mistake.ts';
import { isMap, valueAt } from '../../yaml/raw-value.ts';

/** What an interface must have and cannot have, by its mode. @param interfaces as they were written */
export function interfaceMistakes(interfaces: readonly unknown[]): readonly Mistake[] {
  const routes = defaultRoutes(
    interfaces.map((entry) => ({ default_route: valueAt(entry, 'default_route') })),
  );
  return [
    ...interfaces.flatMap((entry, index) => {
      const path = ['network_interfaces', index];
      if (!isMap(entry)) return [];
      if (isRouted(entry)) return routedMistakes(entry, path);
      const mode = valueAt(entry, 'mode');
      const missing =
        mode === undefined || mode === 'bridge' ? missingOfBridged(entry, path, routes[index] === true) : [];
      return [...missing, ...gatewayMistakes(entry, path)];
    }),
    ...secondRouted(interfaces),
  ];
}

const NEEDED = {
  gateway: 'is required (text)',
  bridge: 'is required (text), unless mode: ethernet says that the interface is routed',
} as const;

function missingOfBridged(entry: unknown, path: ConfigPath, hasDefaultRoute: boolean): readonly Mistake[] {
  return Object.entries(NEEDED).flatMap(([key, text]) =>
    valueAt(entry, key) === undefined && (key !== 'gateway' || hasDefaultRoute)
      ? [{ path: [...path, key], text }]
      : [],
  );
}

function routedMistakes(entry: unknown, path: ConfigPath): readonly Mistake[] {
  const [ip, gateway] = [valueAt(entry, 'ip'), valueAt(entry, 'gateway')];
  const mistakes: Mistake[] = [];
  const complain = (key: string, text: string): void => void mistakes.push({ path: [...path, key], text });
  const cidr = typeof ip === 'string' && hostCidrMistake(ip) === undefined ? parseCidr(ip) : undefined;
  if (cidr?.text === ROUTED_GATEWAY)
    complain('ip', `${ROUTED_GATEWAY} is the gateway of every interface of mode ethernet`);
  else if (cidr !== undefined && cidr.prefixLength !== 32)
    complain('ip', `an interface of mode ethernet has one address: write ${cidr.text}/32`);
  else if (cidr !== undefined) {
    const nobodys = nobodysOf(cidr.address);
    if (nobodys !== undefined)
      complain('ip', `${cidr.text} is no address of a guest: ${nobodys.net} ${nobodys.what}`);
  }
  if (typeof gateway === 'string' && hostAddressMistake(gateway) === undefined && gateway !== ROUTED_GATEWAY)
    complain('gateway', `of an interface of mode ethernet it is ${ROUTED_GATEWAY}, and need not be said`);
  if (valueAt(entry, 'bridge') !== undefined)
    complain('bridge', 'an interface of mode ethernet has none; take it out, or write mode: bridge');
  if (valueAt(entry, 'vlan') !== undefined)
    complain('vlan', 'an interface of mode ethernet has none: it is plugged into no bridge');
  return mistakes;
}

function isRouted(entry: unknown): boolean {
  return valueAt(entry, 'mode') === 'ethernet';
}

/** Its gateway is the same as that of the first, so that a guest cannot tell them apart. */
function secondRouted(interfaces: readonly unknown[]): readonly Mistake[] {
  const first = interfaces.findIndex(isRouted);
  return interfaces.flatMap((entry, index) =>
    index === first || !isRouted(entry)
      ? []
      : [
          {
            path: ['network_interfaces', index, 'mode'],
            text: `network_interfaces[${first}] is of mode ethernet already; at most one interface can be`,
          },
        ],
  );
}

function gatewayMistakes(entry: unknown, at: ConfigPath): readonly Mistake[] {
  const path = [...at, 'gateway'];
  const ip = valueAt(entry, 'ip');
  const gateway = valueAt(entry, 'gateway');
  if (typeof ip !== 'string' || typeof gateway !== 'string' || hostAddressMistake(gateway) !== undefined) {
    return [];
  }
  const cidr = hostCidrMistake(ip) === undefined ? parseCidr(ip) : undefined;
  const address = parseIpv4(gateway);
  if (cidr === undefined || address === undefined) {
    return [];
  }
  if (address === cidr.address) {
    return [{ path, text: `${gateway} is the address of the VM itself` }];
  }
  const reserved = reservedInSubnet(address, cidr);
  return reserved === undefined ? [] : [{ path, text: `${gateway} ${reserved}` }];
}
