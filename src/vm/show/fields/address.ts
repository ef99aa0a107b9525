import type { SeenAddress } from '../../../hypervisor/domain-facts.ts';

/** An address for programs, in every document. */
export function seenEntry(one: SeenAddress) {
  const { source, address, prefixLength, family, mac = null, interfaceName = null } = one;
  return { source, address, prefix_length: prefixLength, family, mac, interface: interfaceName };
}

/** @param isGuestUnasked somebody knows more, perhaps */
export function seenText(seen: readonly SeenAddress[], isGuestUnasked = false): string {
  const nothing = isGuestUnasked ? 'nothing from here (the guest was not asked)' : 'nothing';
  return seen.length === 0
    ? nothing
    : seen.map(({ address, prefixLength, source }) => `${address}/${prefixLength} (${source})`).join(', ');
}
