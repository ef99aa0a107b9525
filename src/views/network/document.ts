import type { NetworkStatusDocument } from '../../documents/network/status-schema.ts';
import type { RoutingState } from '../../vm/routing/judge.ts';

/** The document of `plow network status -o json`. @param uri without a password */
export function networkStatusDocument(uri: string, state: RoutingState): NetworkStatusDocument {
  const { isChecked, isDrained, addresses, sessions, findings } = state;
  return {
    uri,
    checked: isChecked,
    drained: isDrained,
    addresses: addresses.map(({ vm, uuid, address, tap, active, onTap, inKernel, inBird, announcedTo }) => ({
      vm,
      uuid,
      address,
      tap,
      running: active,
      on_tap: onTap,
      in_kernel: inKernel,
      in_bird: inBird,
      announced_to: announcedTo.map(({ name }) => name),
    })),
    sessions: sessions.map(({ name, neighbor, neighborAs, isEstablished, state: words, exports }) => ({
      name,
      neighbor: neighbor ?? null,
      neighbor_as: neighborAs ?? null,
      established: isEstablished,
      state: words,
      announced: exports === undefined ? null : exports.map(({ address }) => address),
    })),
    findings: findings.map(({ check, status, code = null, text, repair = null }) => ({
      check,
      status,
      code,
      text,
      repair,
    })),
  };
}
