import type { HostRoute, Tap } from '../../hypervisor/routes.ts';

/** `vm` and eight hex digits. */
const TAP = /^vm[0-9a-f]{8}$/u;

type Link = Pick<Tap, 'name' | 'carrier' | 'addresses'>;

/** Taps of routed VMs. @param json as `ip -j addr show` prints it @returns undefined for anything else */
export function tapsIn(json: string): readonly Link[] | undefined {
  return entriesOf(json)?.flatMap((entry) => {
    const name = textOf(entry['ifname']);
    if (name === undefined || !TAP.test(name)) return [];
    const flags = listOf(entry['flags']);
    const addresses = listOf(entry['addr_info']).flatMap((one) => {
      const { family, local, address } = recordOf(one);
      const here = textOf(local);
      return family === 'inet' && here !== undefined ? [{ local: here, peer: textOf(address) }] : [];
    });
    return [{ name, carrier: flags.includes('LOWER_UP'), addresses }];
  });
}

/** Routes to single addresses. @param json as `ip -j -4 route show` prints it */
export function hostRoutesIn(json: string): readonly HostRoute[] | undefined {
  return entriesOf(json)?.flatMap(({ dst, dev }) => {
    const address = /^(?<one>\d+\.\d+\.\d+\.\d+)(?:\/32)?$/u.exec(textOf(dst) ?? '')?.groups?.['one'];
    return address === undefined ? [] : [{ address, device: textOf(dev) }];
  });
}

type Entry = Readonly<Record<string, unknown>>;

function entriesOf(json: string): readonly Entry[] | undefined {
  try {
    // Where there is none, some versions print nothing at all.
    const parsed: unknown = json.trim() === '' ? [] : JSON.parse(json);
    return Array.isArray(parsed) ? parsed.map(recordOf) : undefined;
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): Entry {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
