import type { DiskDetails, InterfaceDetails, VmDetails } from '../../vm/show/show.ts';
import { field } from '../../terminal/blocks.ts';
import type { Block } from '../../terminal/blocks.ts';
import { bytesText } from '../quantities.ts';

const UNKNOWN = 'unknown';

export function diskBlock(disk: DiskDetails, { isLate }: VmDetails): Block {
  const { source, size, exists, backing, missingBacking } = disk;
  const about = [disk.device, disk.bus, disk.format, disk.readOnly ? 'read-only' : undefined];
  const late = isLate ? `${UNKNOWN}: no answer in time` : UNKNOWN;
  const isSized = source !== undefined && exists !== false;
  return {
    title: disk.target,
    entries: [
      field('Source', source === undefined ? 'none' : `${source}${exists === false ? ' (missing)' : ''}`),
      field('Kind', about.filter(Boolean).join(', ')),
      field('Size', isSized ? (size === undefined ? late : bytesText(size.capacityBytes)) : undefined),
      field('Allocated', size && bytesText(size.takenBytes)),
      ...backing.map((layer, index) =>
        field(
          index === 0 ? 'Backing' : 'behind it',
          missingBacking.includes(layer) ? `${layer} (missing)` : layer,
        ),
      ),
    ],
  };
}

const PLUGS: Readonly<Record<string, string>> = { bridge: 'Bridge', direct: 'Device' };

export function interfaceBlock(one: InterfaceDetails, { active }: VmDetails): Block {
  const { traffic } = one;
  return {
    title: one.mac ?? 'no MAC address',
    entries: [
      field(PLUGS[one.type] ?? 'Network', plugText(one)),
      field('Model', one.model),
      field('MTU', one.mtu === undefined ? undefined : String(one.mtu)),
      field('Tap', one.tap),
      field('Link', one.linkUp ? 'up' : 'down'),
      field('Declared', addresses(one.declared)),
      field('Seen', active ? seenText(one.seen) : undefined),
      field('Received', traffic && countsText(traffic.received)),
      field('Sent', traffic && countsText(traffic.sent)),
    ],
  };
}

/** A network of libvirt's may be on a bridge. */
function plugText({ type, source, bridge }: InterfaceDetails): string {
  if (source === undefined) return type;
  return bridge === undefined || bridge === source ? source : `${source} (bridge ${bridge})`;
}

function addresses(all: InterfaceDetails['declared']): string | undefined {
  return all.length === 0
    ? undefined
    : all
        .map(
          ({ address, prefixLength }) => `${address}${prefixLength === undefined ? '' : `/${prefixLength}`}`,
        )
        .join(', ');
}

export function seenText(seen: InterfaceDetails['seen']): string {
  return seen.length === 0
    ? 'nothing'
    : seen.map(({ address, prefixLength, source }) => `${address}/${prefixLength} (${source})`).join(', ');
}

function countsText({
  bytes,
  packets,
  errors,
  drops,
}: NonNullable<InterfaceDetails['traffic']>['sent']): string {
  const parts = [
    bytes === undefined ? UNKNOWN : bytesText(bytes),
    packets === undefined ? undefined : `${packets} packet${packets === 1 ? '' : 's'}`,
    errors ? `${errors} errors` : undefined,
    drops ? `${drops} dropped` : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}
