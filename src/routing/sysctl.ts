import { OWN_MARK } from './own.ts';

/** Without it the addresses of routed VMs are announced, and answer nobody. */
export const FORWARDING = 'net.ipv4.ip_forward';

/** What is set as the host boots. */
export function sysctlConf(): string {
  return `${OWN_MARK}
# Routed VMs are reached through this host.
${FORWARDING} = 1
`;
}
