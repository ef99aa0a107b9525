import { standsAlone } from '../../machine.ts';
import type { Machine } from '../../machine.ts';
import { oncePerText } from '../../values/key-file.ts';
import type { Mistake } from '../../yaml/mistake.ts';
import { isMap, valueAt } from '../../yaml/raw-value.ts';
import { shellArgument } from '../../../text/shell-quote.ts';
import { quote } from '../../../text/quote.ts';

/** What is wrong with an Ignition config of the user's own. Texts of it are not repeated. */
export function ownConfigMistake(text: string, file: string): string | undefined {
  const config = parsed(text);
  if (!isMap(config)) {
    return isButane(text)
      ? `${quote(file)} is a Butane config: run butane --strict ${shellArgument(file)} > ${shellArgument(outcome(file))}, and name what it writes`
      : `${quote(file)} is ${config === undefined ? 'no JSON' : 'no JSON object'}, of which Ignition configs are`;
  }
  const version = valueAt(valueAt(config, 'ignition'), 'version');
  if (typeof version !== 'string')
    return `${quote(file)} has no ignition.version, so it is no Ignition config`;
  if (/^3\.\d+\.\d+(?:-\w+)?$/u.test(version)) return undefined;
  if (/^[12]\./u.test(version))
    return `${quote(file)} is of an older spec than 3, which guests of today do not read: ign-converter writes it anew, or Butane from its own words`;
  return `${quote(file)} is of a spec that is not known: plow takes 3.x`;
}

const ALONE =
  'nothing but this config sets up the guest: plow gives it neither host name, keys nor address, which it has to bring itself';
const FROM_THE_WEB =
  'which the guest fetches at its first boot before it has its addresses: its initramfs needs a network of its own (DHCP, or ip= in the command line of its kernel), else it stops there';

/** What is odd about a config of the user's own, but allowed. Texts of it are not repeated. */
export function ownConfigDoubts({ provisioning }: Machine): Mistake[] {
  const config = provisioning?.ignition.config;
  if (provisioning === undefined || config === undefined) return [];
  const path = [provisioning.section, 'ignition', 'config'];
  const count = webSources(parsed(config));
  return [
    ...(standsAlone(provisioning) ? [{ path, text: ALONE }] : []),
    ...(count === 0
      ? []
      : [{ path, text: `it names ${count} ${count === 1 ? 'URL' : 'URLs'}, ${FROM_THE_WEB}` }]),
  ];
}

/** How many things a config has from elsewhere than itself: `source` of anything. However deep it goes. */
function webSources(config: unknown): number {
  const left: unknown[] = [config];
  let count = 0;
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'source' && typeof inner === 'string' && !/^(?:data:|$)/iu.test(inner)) count += 1;
      else left.push(inner);
    }
  }
  return count;
}

/** Undefined for what is no JSON. */
const parsed = oncePerText((text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
});

/** YAML with a line that says for which system it is. */
function isButane(text: string): boolean {
  return /^["']?variant["']?\s*:/mu.test(text);
}

function outcome(file: string): string {
  return `${file.replace(/\.(?:bu|ya?ml)$/u, '')}.ign`;
}
