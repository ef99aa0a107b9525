import type { InterfaceFacts } from '../../../libvirt-xml/domain/devices/interface.ts';
import type { Compared, Value, Views } from './differences.ts';

/** plow gives its interfaces no other. */
const MODEL = 'virtio';

/** Which interfaces there are by MAC address, what they are plugged into, and as what. */
export function interfaceComparisons({ own, stored, live }: Views): readonly Compared[] {
  const made = own && new Map(own.declared.interfaces.map((one) => [one.mac ?? '?', one]));
  const [later, now] = [byMac(stored.interfaces), live && byMac(live.interfaces)];
  const macs = new Set([...(made?.keys() ?? []), ...later.keys(), ...(now?.keys() ?? [])]);
  return [...macs].flatMap((mac): readonly Compared[] => {
    const [madeOne, storedOne, liveOne] = [made?.get(mac), later.get(mac), now?.get(mac)];
    const plug: Compared = {
      what: `interface ${mac}`,
      declared: made && (madeOne?.bridge ?? null),
      stored: plugOf(storedOne),
      live: now && plugOf(liveOne),
    };
    // One that comes or goes is told once.
    if (storedOne === undefined) return [plug];
    return [
      plug,
      {
        what: `interface ${mac} model`,
        declared: madeOne && MODEL,
        stored: storedOne.model ?? null,
        live: liveOne && (liveOne.model ?? null),
      },
      {
        what: `interface ${mac} mtu_bytes`,
        declared: madeOne && (madeOne.mtu ?? null),
        stored: storedOne.mtu ?? null,
        live: liveOne && (liveOne.mtu ?? null),
        // One that runs has got it from its network.
        isSame: (one, other) => one === other || (one === null && storedOne.type === 'network'),
      },
    ];
  });
}

function byMac(interfaces: readonly InterfaceFacts[]): ReadonlyMap<string, InterfaceFacts> {
  return new Map(interfaces.map((one) => [one.mac ?? '?', one]));
}

/** A network's interface may be written as one of the bridge behind it once it runs: its source stays. */
function plugOf(one: InterfaceFacts | undefined): Value {
  return one === undefined ? null : `${one.source ?? one.type}${one.linkUp ? '' : ' (link down)'}`;
}
