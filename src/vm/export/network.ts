import type { SeedInterface } from '../../provision/cloud-init/read-network-config.ts';
import type { DraftValues } from '../../config/draft/draft.ts';
import { addressFromMac, macFor } from '../../config/values/mac.ts';
import { addressFromTap, isRouted, routedAddress, ROUTED_GATEWAY } from '../../config/values/tap.ts';
import { bridgeMistake } from '../../config/values/names.ts';
import type { InterfaceFacts } from '../../libvirt-xml/domain/devices/interface.ts';
import type { DeclaredInterface } from '../../libvirt-xml/metadata/declared.ts';
import type { Evidence } from './evidence.ts';
import { exportedBoot } from './parts/boot.ts';
import { Words } from './piece.ts';
import type { Piece } from './piece.ts';

type Entry = NonNullable<DraftValues['network_interfaces']>[number];

/** An interface of the domain, with what is known of it from elsewhere. */
interface Known {
  readonly facts: InterfaceFacts;
  /** As plow made it. */
  readonly made: DeclaredInterface | undefined;
  readonly seed: SeedInterface | undefined;
  /** Behind the network of libvirt's that it is in. */
  readonly networkBridge: string | undefined;
  readonly path: readonly (string | number)[];
}

/** Interfaces, with the addresses that plow's metadata, the seed or at least a MAC address tell. */
export function networkPiece(evidence: Evidence): Piece {
  const words = new Words();
  const known = join(evidence, words);
  const has = known.map(({ made, seed }) => made?.defaultRoute ?? seed?.hasDefaultRoute);
  const routes = defaultRoutes(has, words);
  const { boot, networks } = exportedBoot(evidence, words);
  const interfaces = known.map((one, index): Entry => {
    const ip = addressOf(one, words);
    return {
      mode: modeOf(one, words),
      ip,
      gateway: gatewayOf(one, has[index] ?? index === 0, words),
      bridge: bridgeOf(one, words),
      vlan: vlanOf(one, words),
      dns_servers: one.made?.dnsServers ?? one.seed?.dnsServers,
      default_route: routes[index],
      mac: macOf(one, ip),
      mtu: mtuOf(one, words),
      boot: networks[index] === true ? 'network' : undefined,
    };
  });
  if (interfaces.length === 0) words.at(['network_interfaces'], 'network_interfaces: the domain has none');
  return { values: { boot, network_interfaces: interfaces }, remarks: words.remarks, rest: words.rest };
}

/** By MAC address; what of a seed goes by a name belongs to the others, in order. */
function join({ facts, metadata, seed, networkBridges }: Evidence, words: Words): readonly Known[] {
  const inSeed = seed?.facts.network?.interfaces ?? [];
  const nameless = inSeed.filter(({ mac }) => mac === undefined);
  const macs = new Set(facts.interfaces.map(({ mac }) => mac));
  const made = metadata?.declared.interfaces ?? [];
  for (const { address, mac } of made) {
    if (mac === undefined || !macs.has(mac))
      words.rest.push(`the interface of ${address} (${mac ?? '?'}), which plow made, is unplugged`);
  }
  const others = inSeed.filter(({ mac }) => mac !== undefined && !made.some((one) => one.mac === mac));
  for (const one of others) if (!macs.has(one.mac)) words.rest.push(goneFrom(one));
  const known = facts.interfaces.map((one, index): Known => ({
    facts: one,
    made: made.find(({ mac }) => mac === one.mac),
    seed: inSeed.find(({ mac }) => mac !== undefined && mac === one.mac) ?? nameless.shift(),
    networkBridge: one.type === 'network' ? (one.bridge ?? networkBridges.get(one.source ?? '')) : undefined,
    path: ['network_interfaces', index],
  }));
  words.rest.push(...nameless.map(goneFrom));
  for (const one of known) tellKind(one, words);
  return known;
}

function goneFrom({ name, mac, ip }: SeedInterface): string {
  const facts = [mac, ip].filter((part) => part !== undefined).join(', ');
  return `network-config: ${name} (${facts}), which the domain does not have`;
}

function tellKind({ facts, networkBridge }: Known, words: Words): void {
  const { type, mac, model, source, tap, vlan } = facts;
  if (type !== 'bridge' && !isRouted(facts) && networkBridge === undefined)
    words.rest.push(`interface ${mac ?? ''} is of type ${type} (${source ?? tap ?? 'no source'})`);
  if (type !== 'ethernet' && addressFromTap(tap) !== undefined)
    words.rest.push(`interface ${mac ?? ''} has a tap that is called ${tap}`);
  if (type !== 'bridge' && vlan !== undefined)
    words.rest.push(`interface ${mac ?? ''} has the VLAN tag ${vlan}`);
  if (model !== 'virtio')
    words.rest.push(`interface ${mac ?? ''} is a model ${model ?? "of libvirt's choice"}`);
}

/** Only of a routed one: of a bridged one its bridge tells. */
function modeOf({ facts, made, path }: Known, words: Words): 'ethernet' | undefined {
  const mode = isRouted(facts) ? 'ethernet' : undefined;
  if (made !== undefined) words.changed([...path, 'mode'], mode ?? 'bridge', made.mode);
  return mode;
}

function addressOf(one: Known, words: Words): string | undefined {
  const { facts, made, seed, path } = one;
  const routed = routedAddress(facts);
  if (routed !== undefined) {
    const other = made?.prefixLength === undefined ? seed?.ip : `${made.address}/${made.prefixLength}`;
    if (other !== undefined && other !== `${routed}/32`)
      words.at([...path, 'ip'], `its tap ${facts.tap} says so; the guest was given ${other}`);
    return `${routed}/32`;
  }
  if (made?.prefixLength !== undefined) return `${made.address}/${made.prefixLength}`;
  if (seed?.ip !== undefined) return seed.ip;
  const address = facts.mac === undefined ? undefined : addressFromMac(facts.mac);
  words.at(
    [...path, 'ip'],
    address === undefined
      ? `ip: is needed, and nothing tells the address of ${facts.mac ?? 'this interface'}`
      : `ip: ${address}/ as the MAC address tells; the prefix length is needed, and nothing tells it`,
  );
  return undefined;
}

/** That of a routed one need not be said. @param isUsed false where it has no default route */
function gatewayOf({ facts, made, seed, path }: Known, isUsed: boolean, words: Words): string | undefined {
  const gateway = made?.gateway ?? seed?.gateway;
  if (isRouted(facts)) {
    if (gateway !== undefined && gateway !== ROUTED_GATEWAY)
      words.at(
        path,
        `its guest was given the gateway ${gateway}; that of a routed interface is ${ROUTED_GATEWAY}`,
      );
    return undefined;
  }
  if (gateway === undefined && isUsed)
    words.at([...path, 'gateway'], 'gateway: is needed, and nothing tells it');
  return gateway;
}

function bridgeOf({ facts, made, networkBridge, path }: Known, words: Words): string | undefined {
  const bridge = networkBridge ?? facts.bridge;
  if (isRouted(facts)) return undefined;
  if (networkBridge !== undefined)
    words.at(
      [...path, 'bridge'],
      `that of libvirt's network ${facts.source ?? ''}, which is left out: plow plugs it in there itself`,
    );
  if (bridge === undefined) {
    words.at(
      [...path, 'bridge'],
      `bridge: is needed; it is plugged into the ${facts.type} ${facts.source ?? '?'}`,
    );
  } else {
    words.changed([...path, 'bridge'], bridge, made?.bridge);
    if (bridgeMistake(bridge) !== undefined)
      words.at([...path, 'bridge'], 'plow takes no bridge of such a name');
  }
  return bridge;
}

function vlanOf({ facts, made, path }: Known, words: Words): number | undefined {
  const { type, vlan } = facts;
  const tag = type === 'bridge' ? vlan : undefined;
  if (made !== undefined && made.vlan !== tag)
    words.at(
      path,
      `it had ${made.vlan === undefined ? 'no VLAN' : `the VLAN ${made.vlan}`} when plow made the VM`,
    );
  return tag;
}

/** Only where it is not the one that plow makes from the address. */
function macOf({ facts: { mac } }: Known, ip: string | undefined): string | undefined {
  if (mac === undefined) return undefined;
  const usual = ip === undefined ? addressFromMac(mac) !== undefined : macFor(ip.split('/')[0] ?? '') === mac;
  return usual ? undefined : mac;
}

function mtuOf({ facts: { mtu }, made, seed, path }: Known, words: Words): number | undefined {
  if (made !== undefined && made.mtu !== mtu)
    words.at(path, `its MTU was ${made.mtu ?? 'usual'} when plow made the VM`);
  else if (seed !== undefined && seed.mtu !== mtu)
    words.at(
      path,
      `the MTU of the guest is ${seed.mtu ?? 'usual'}, that of its tap device ${mtu ?? 'usual'}`,
    );
  return mtu;
}

/** Said where it is not what plow takes unless it is told: the first. */
function defaultRoutes(
  has: readonly (boolean | undefined)[],
  words: Words,
): readonly (boolean | undefined)[] {
  const first = has.indexOf(true);
  for (const [index, one] of has.entries()) {
    if (one === true && index !== first)
      words.at(
        ['network_interfaces', index],
        'it has a default route as well; plow gives it to one interface only',
      );
  }
  if (first < 0) return has.map((one, index) => (index === 0 && one === false ? false : undefined));
  return has.map((_, index) => (index === first && first > 0 ? true : undefined));
}
