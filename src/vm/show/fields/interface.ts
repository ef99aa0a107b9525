import { INTERFACE_MODES } from '../../../config/machine.ts';
import { isRouted } from '../../../config/values/tap.ts';
import type { InterfaceFacts } from '../../../libvirt-xml/domain/devices/interface.ts';
import type { DeclaredInterface } from '../../../libvirt-xml/metadata/declared.ts';
import type { Traffic } from '../../../hypervisor/domain-facts.ts';
import { bytesText } from '../../../text/quantities.ts';
import type { InterfaceDetails } from '../details.ts';
import { seenEntry, seenText } from './address.ts';
import { compared, each, json, jsonOrNull, oneOf, ordered, parts, partsOrNull, words } from './field.ts';
import type { Field, Key, Sides } from './field.ts';

export type InterfaceField = Field<
  InterfaceDetails,
  DeclaredInterface,
  Sides<InterfaceFacts, DeclaredInterface>
>;

type Counts = Traffic['sent'];
type Declared = InterfaceDetails['declared'][number];

const PLUGS: Readonly<Record<string, string>> = { bridge: 'Bridge', direct: 'Device' };

const COUNTS: readonly Key<Counts>[] = (['bytes', 'packets', 'errors', 'drops'] as const).map((key) => ({
  key,
  json: jsonOrNull('integer', (counts) => counts[key]),
}));

const DECLARED_ADDRESS: readonly Key<Declared>[] = [
  { key: 'address', json: json('string', ({ address }) => address) },
  { key: 'prefix_length', json: jsonOrNull('number', ({ prefixLength }) => prefixLength) },
];

const ADDRESSES: readonly Key<InterfaceDetails>[] = [
  { key: 'declared', json: each(DECLARED_ADDRESS, ({ declared }) => declared, 'as plow configured them') },
  {
    key: 'seen',
    json: {
      shape: {
        type: 'addresses',
        orNull: false,
        about: 'of a VM that runs; empty where nobody told in time',
      },
      value: ({ seen }) => seen.map(seenEntry),
    },
  },
];

const TRAFFIC: readonly Key<Traffic>[] = [
  { key: 'received', json: parts(COUNTS, ({ received }) => received) },
  { key: 'sent', json: parts(COUNTS, ({ sent }) => sent) },
];

/** What there is to tell of an interface. */
export const INTERFACE_FIELDS: readonly InterfaceField[] = [
  { key: 'type', json: json('string', ({ type }) => type, 'bridge, ethernet, network, direct, user...') },
  {
    key: 'mode',
    declared: oneOf(INTERFACE_MODES, ({ mode }) => mode),
    declaredWords: ({ mode }) => (mode === 'ethernet' ? 'routed' : undefined),
  },
  {
    key: 'source',
    json: jsonOrNull('string', ({ source }) => source, 'bridge, network or device that it is plugged into'),
    lines: (one) =>
      isRouted(one) ? [['Mode', 'ethernet (routed)']] : [[PLUGS[one.type] ?? 'Network', plugText(one)]],
  },
  { key: 'address', declared: json('string', ({ address }) => address), declaredWords: addressText },
  { key: 'prefix_length', declared: jsonOrNull('number', ({ prefixLength }) => prefixLength) },
  {
    key: 'gateway',
    declared: jsonOrNull('string', ({ gateway }) => gateway),
    declaredWords: ({ gateway, defaultRoute }) =>
      gateway && `gateway ${gateway}${defaultRoute === true ? ' (default route)' : ''}`,
  },
  {
    key: 'dns_servers',
    declared: json('strings', ({ dnsServers }) => [...dnsServers]),
    declaredWords: ({ dnsServers }) => (dnsServers.length === 0 ? undefined : `DNS ${dnsServers.join(' ')}`),
  },
  {
    key: 'bridge',
    json: jsonOrNull('string', ({ bridge }) => bridge, 'bridge of the host'),
    declared: jsonOrNull('string', ({ bridge }) => bridge),
    declaredWords: ({ bridge }) => bridge && `bridge ${bridge}`,
  },
  {
    key: 'vlan',
    json: jsonOrNull('integer', ({ vlan }) => vlan),
    lines: ({ vlan }) => [['VLAN', vlan?.toString()]],
    declared: jsonOrNull('number', ({ vlan }) => vlan),
    declaredWords: ({ vlan }) => (vlan === undefined ? undefined : `VLAN ${vlan}`),
    compare: compared(
      ({ vlan }) => vlan,
      ({ vlan }) => vlan ?? null,
    ),
    word: 'VLAN',
  },
  {
    key: 'boot_order',
    json: jsonOrNull('integer', ({ bootOrder }) => bootOrder, 'among all that the firmware tries'),
    lines: ({ bootOrder }) => [['Boot order', bootOrder?.toString()]],
  },
  {
    key: 'boots_from_network',
    declared: json('boolean', ({ bootsFromNetwork }) => bootsFromNetwork),
    declaredWords: ({ bootsFromNetwork }) => (bootsFromNetwork ? 'boots from the network' : undefined),
  },
  { key: 'default_route', declared: jsonOrNull('boolean', ({ defaultRoute }) => defaultRoute) },
  {
    key: 'mac',
    json: jsonOrNull('string', ({ mac }) => mac, 'lower case'),
    declared: jsonOrNull('string', ({ mac }) => mac),
    declaredWords: ({ mac }) => mac && `MAC ${mac}`,
  },
  {
    key: 'model',
    json: jsonOrNull('string', ({ model }) => model),
    lines: ({ model }) => [['Model', model]],
    // plow gives its interfaces no other.
    compare: compared(
      ({ model }) => model,
      () => 'virtio',
    ),
  },
  {
    key: 'mtu_bytes',
    json: jsonOrNull('integer', ({ mtu }) => mtu),
    lines: ({ mtu }) => [['MTU', mtu?.toString()]],
    declared: jsonOrNull('number', ({ mtu }) => mtu),
    declaredWords: ({ mtu }) => (mtu === undefined ? undefined : `MTU ${mtu}`),
    compare: (sides) => ({
      ...compared(
        ({ mtu }: InterfaceFacts) => mtu,
        ({ mtu }: DeclaredInterface) => mtu ?? null,
      )(sides),
      // One that runs has got it from its network.
      isSame: (one, other) => one === other || (one === null && sides.stored.type === 'network'),
    }),
    word: 'MTU',
  },
  {
    key: 'tap',
    json: jsonOrNull(
      'string',
      ({ tap }) => tap,
      'device on the host, of a VM that runs; of a routed interface always',
    ),
    lines: ({ tap }) => [['Tap', tap]],
  },
  {
    key: 'link',
    json: oneOf(['up', 'down'], linkText),
    lines: (one) => [['Link', linkText(one)]],
  },
  {
    key: 'addresses',
    json: parts(ADDRESSES, (one) => one),
    lines: ({ declared, seen }, { details }) => [
      ['Declared', declared.length === 0 ? undefined : declared.map(addressText).join(', ')],
      ['Seen', details.active ? seenText(seen, details.isGuestUnasked) : undefined],
    ],
  },
  {
    key: 'traffic',
    json: partsOrNull(
      TRAFFIC,
      ({ traffic }) => traffic,
      'as the guest sees it, since the tap is there; null for a VM that is off',
    ),
    lines: ({ traffic }) => [
      ['Received', traffic && countsText(traffic.received)],
      ['Sent', traffic && countsText(traffic.sent)],
    ],
  },
];

/** In one line; where it is plugged in comes behind its address. */
export function declaredInterfaceText(made: DeclaredInterface): string {
  return words(
    ...ordered(INTERFACE_FIELDS, ['address', 'bridge']).map(({ declaredWords }) => declaredWords?.(made)),
  );
}

/** A network of libvirt's may be on a bridge. */
function plugText({ type, source, bridge }: InterfaceDetails): string {
  if (source === undefined) return type;
  return bridge === undefined || bridge === source ? source : `${source} (bridge ${bridge})`;
}

function linkText({ linkUp }: InterfaceDetails): string {
  return linkUp ? 'up' : 'down';
}

function addressText({ address, prefixLength }: Declared): string {
  return `${address}${prefixLength === undefined ? '' : `/${prefixLength}`}`;
}

function countsText({ bytes, packets, errors, drops }: Counts): string {
  return words(
    bytes === undefined ? 'unknown' : bytesText(bytes),
    packets === undefined ? undefined : `${packets} packet${packets === 1 ? '' : 's'}`,
    errors ? `${errors} errors` : undefined,
    drops ? `${drops} dropped` : undefined,
  );
}
