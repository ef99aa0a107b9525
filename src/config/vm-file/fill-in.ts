import type { Filled } from '../diagnostics/filled.ts';
import { hostCidrMistake, inSubnet, parseCidr } from '../values/ipv4.ts';
import type { ConfigPath } from '../machine.ts';
import { isMap, valueAt } from '../yaml/raw-value.ts';
import type { SettingsValues } from '../settings/schema.ts';

/** Values for what VM files leave out, and where each of them stands. */
export interface FileDefaults {
  readonly values: NonNullable<SettingsValues['defaults']>;
  /** `file:line:column`, of a path below `defaults`. */
  readonly whereIs: (path: ConfigPath) => string;
}

type Values = FileDefaults['values'];
type YamlMap = Readonly<Record<string, unknown>>;
/** What a map gets unless it has the key, and where the value stands below `defaults`. */
type Addition = readonly [key: string, value: unknown, from: ConfigPath];

/**
 * A file as it was written, with defaults for what it leaves out. What it says itself stays, be it wrong or
 * empty. Before the file is checked, so that what has a default need not be there.
 */
export function fillIn(
  file: unknown,
  defaults: FileDefaults | undefined,
): { readonly value: unknown; readonly filled: readonly Filled[] } {
  if (defaults === undefined || !isMap(file)) {
    return { value: file, filled: [] };
  }
  const { values, whereIs } = defaults;
  const filled: Filled[] = [];
  const add = (map: unknown, path: ConfigPath, additions: readonly Addition[]): unknown => {
    if (!isMap(map)) {
      return map;
    }
    const missing = additions.filter(([key, value]) => value !== undefined && !Object.hasOwn(map, key));
    filled.push(...missing.map(([key, , from]) => ({ path: [...path, key], origin: whereIs(from) })));
    return { ...map, ...Object.fromEntries(missing) };
  };
  const { network_interfaces: interfaces, cloud_init: section, provisioning } = file;
  const keys: readonly Addition[] = [['ssh_keys', values.ssh_keys, ['ssh_keys']]];
  const parts: YamlMap = {
    network_interfaces: Array.isArray(interfaces)
      ? interfaces.map((entry, index) =>
          add(entry, ['network_interfaces', index], additionsOfInterface(entry, values)),
        )
      : interfaces,
    cloud_init: add(section, ['cloud_init'], keys),
    provisioning:
      valueAt(provisioning, 'format') === 'none' ? provisioning : add(provisioning, ['provisioning'], keys),
  };
  const present = Object.entries(parts).filter(([key]) => Object.hasOwn(file, key));
  const whole = { ...file, ...Object.fromEntries(present) };
  // Whoever says cpu.mode has said it.
  const mode = valueAt(file['cpu'], 'mode') === undefined ? values.cpu_mode : undefined;
  return { value: add(whole, [], [['cpu_mode', mode, ['cpu_mode']]]), filled };
}

function additionsOfInterface(entry: unknown, values: Values): readonly Addition[] {
  const dnsServers: Addition = ['dns_servers', values.dns_servers, ['dns_servers']];
  const written = valueAt(entry, 'mode');
  // Whoever names a bridge has said which of the two it is.
  const usual = valueAt(entry, 'bridge') === undefined ? values.mode : undefined;
  const mode: Addition = ['mode', usual, ['mode']];
  if ((written ?? usual) === 'ethernet') return [mode, dnsServers];
  const subnet = subnetFor(valueAt(entry, 'ip'), values.gateways);
  return [
    mode,
    ...(subnet === undefined ? [] : [['gateway', values.gateways?.[subnet], ['gateways', subnet]] as const]),
    dnsServers,
    ['bridge', values.bridge, ['bridge']],
  ];
}

/** The smallest of the subnets that hold an address. */
function subnetFor(ip: unknown, gateways: Readonly<Record<string, string>> = {}): string | undefined {
  const host = typeof ip === 'string' && hostCidrMistake(ip) === undefined ? parseCidr(ip) : undefined;
  if (host === undefined) {
    return undefined;
  }
  return Object.keys(gateways)
    .map((text) => ({ text, cidr: parseCidr(text) }))
    .filter(({ cidr }) => cidr !== undefined && inSubnet(host.address, cidr))
    .toSorted((a, b) => (b.cidr?.prefixLength ?? 0) - (a.cidr?.prefixLength ?? 0))[0]?.text;
}
