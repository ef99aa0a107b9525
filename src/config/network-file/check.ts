import { asMistake, describe, omission } from '../diagnostics/diagnostic.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { DiagnosticReporter } from '../diagnostics/reporter.ts';
import { checkYaml } from '../schema/check.ts';
import type { Mistake } from '../yaml/mistake.ts';
import { listAt, valueAt } from '../yaml/raw-value.ts';
import { readYaml } from '../yaml/tree.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { parseIpv4 } from '../values/ipv4.ts';
import { isInPrefix } from './network-file.ts';
import type { NetworkFile } from './network-file.ts';
import { overlap, prefixMistake, toPrefix } from './prefix.ts';
import { networkFile, networkKeys, partsWith } from './schema.ts';
import type { NetworkValues } from './schema.ts';

/**
 * The network file that a YAML text holds. @param file name of the text for messages
 * @throws PlowError (config, validation) with a line for each mistake
 */
export function checkNetworkFile(file: string, text: string): NetworkFile {
  const tree = readYaml(text.replace(/^\uFEFF/u, ''));
  const checked = checkYaml(tree, tree.root.value ?? {}, {
    schema: networkFile,
    vocabulary: { knownKeys: networkKeys, partsWith },
    rules: (value) => [
      ...prefixMistakes(value),
      ...neighborMistakes(value),
      ...withinMistakes(value),
      ...uplinkMistakes(value),
    ],
  });
  if (checked.ok) return toNetworkFile(checked.value);
  const { diagnostics, omitted } = new DiagnosticReporter(file, tree).all('error', checked.mistakes);
  throw mistaken(checked.refusal, file, diagnostics, omitted);
}

function mistaken(
  kind: 'config' | 'validation',
  file: string,
  diagnostics: readonly Diagnostic[],
  omitted: number,
): PlowError {
  const lines = [...diagnostics.map(describe), ...omission(file, omitted)];
  return new PlowError(kind, lines.join('\n'), { mistakes: diagnostics.map(asMistake) });
}

/** What is in another prefix already says nothing, and is likely a slip. */
function prefixMistakes(file: unknown): readonly Mistake[] {
  const texts = listAt(file, 'prefixes').map((text) => (isSound(text) ? text : undefined));
  return texts.flatMap((text, index): readonly Mistake[] => {
    if (text === undefined) return [];
    const before = texts.slice(0, index).find((other) => other !== undefined && overlaps(other, text));
    if (before === undefined) return [];
    return [{ path: ['prefixes', index], text: `overlaps ${before}, which is in the list too` }];
  });
}

function isSound(text: unknown): text is string {
  return typeof text === 'string' && prefixMistake(text) === undefined;
}

function overlaps(one: string, other: string): boolean {
  return overlap(toPrefix(one), toPrefix(other));
}

/** Rules that span keys. What is no text is the schema's to say. */
function neighborMistakes(file: unknown): readonly Mistake[] {
  const bgp = valueAt(file, 'bgp');
  const own = valueAt(bgp, 'address');
  const addresses = listAt(bgp, 'neighbors').map((one) => valueAt(one, 'address'));
  return addresses.flatMap((address, index): readonly Mistake[] => {
    const path = ['bgp', 'neighbors', index, 'address'];
    if (address === undefined) return [];
    if (address === own) return [{ path, text: "is bgp.address, the hypervisor's own" }];
    return addresses.indexOf(address) < index ? [{ path, text: 'is in the list already' }] : [];
  });
}

/** A VM with the address of the host, or of a router, would be sent what is for those. */
function withinMistakes(file: unknown): readonly Mistake[] {
  const bgp = valueAt(file, 'bgp');
  const prefixes = listAt(file, 'prefixes').filter(isSound).map(toPrefix);
  const own = { path: ['bgp', 'address'], address: valueAt(bgp, 'address') };
  const others = listAt(bgp, 'neighbors').map((one, index) => ({
    path: ['bgp', 'neighbors', index, 'address'],
    address: valueAt(one, 'address'),
  }));
  return [own, ...others].flatMap(({ path, address }): readonly Mistake[] => {
    const number = typeof address === 'string' ? parseIpv4(address) : undefined;
    const prefix = number === undefined ? undefined : prefixes.find((one) => isInPrefix(number, one));
    return prefix === undefined
      ? []
      : [{ path, text: `lies in prefixes (${prefix.text}): a VM could take it` }];
  });
}

function uplinkMistakes(file: unknown): readonly Mistake[] {
  const isolate = valueAt(file, 'isolate');
  const isOpen = isolate === undefined || isolate === false;
  return isOpen && valueAt(file, 'uplinks') !== undefined
    ? [{ path: ['uplinks'], text: 'says nothing without isolate: true' }]
    : [];
}

function toNetworkFile({ prefixes, bgp, isolate = false, uplinks = [] }: NetworkValues): NetworkFile {
  return {
    prefixes: prefixes.map(toPrefix),
    bgp:
      bgp === undefined
        ? undefined
        : {
            localAs: bgp.local_as,
            address: bgp.address,
            neighbors: bgp.neighbors.map(({ address, as, multihop, password_file: passwordFile }) => ({
              address,
              as,
              multihop,
              passwordFile,
            })),
          },
    isolate,
    uplinks,
  };
}
