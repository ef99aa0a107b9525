import { isRouted, tapFor } from '../../../config/values/tap.ts';
import type { InterfaceFacts } from '../../../libvirt-xml/domain/devices/interface.ts';
import type { DeclaredInterface } from '../../../libvirt-xml/metadata/declared.ts';
import type { Value } from '../details.ts';
import { INTERFACE_FIELDS } from '../fields/interface.ts';
import { comparisons } from './comparisons.ts';
import type { Comparison } from './comparisons.ts';
import type { Views } from './views.ts';

/** Which interfaces there are by MAC address, what they are plugged into, and as what. */
export function interfaceComparisons({ own, stored, live }: Views): readonly Comparison[] {
  const made = own && new Map(own.declared.interfaces.map((one) => [one.mac ?? '?', one]));
  const [later, now] = [byMac(stored.interfaces), live && byMac(live.interfaces)];
  const macs = new Set([...(made?.keys() ?? []), ...later.keys(), ...(now?.keys() ?? [])]);
  return [...macs].flatMap((mac): readonly Comparison[] => {
    const [madeOne, storedOne, liveOne] = [made?.get(mac), later.get(mac), now?.get(mac)];
    const plug: Comparison = {
      what: `interface ${mac}`,
      declared: made && madePlug(madeOne),
      stored: plugOf(storedOne),
      live: now && plugOf(liveOne),
    };
    // One that comes or goes is told once.
    if (storedOne === undefined) return [plug];
    const sides = { made: madeOne, stored: storedOne, live: liveOne };
    return [plug, ...comparisons(`interface ${mac} `, INTERFACE_FIELDS, sides)];
  });
}

function byMac(interfaces: readonly InterfaceFacts[]): ReadonlyMap<string, InterfaceFacts> {
  return new Map(interfaces.map((one) => [one.mac ?? '?', one]));
}

/** A routed one goes by the name of its tap. */
function madePlug(one: DeclaredInterface | undefined): Value {
  return (one?.mode === 'ethernet' ? tapFor(one.address) : one?.bridge) ?? null;
}

/** A network's interface may be written as one of the bridge behind it once it runs: its source stays. */
function plugOf(one: InterfaceFacts | undefined): Value {
  if (one === undefined) return null;
  const plug = one.source ?? (isRouted(one) ? one.tap : undefined) ?? one.type;
  return `${plug}${one.linkUp ? '' : ' (link down)'}`;
}
