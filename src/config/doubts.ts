import type { Machine } from './machine.ts';
import type { Mistake } from './mistakes.ts';
import { passwordHashDoubt } from './password-hash.ts';

/** What is odd about a machine, but allowed. */
export function doubts(machine: Machine): Mistake[] {
  return [...gatewayDoubts(machine), ...hostnameDoubts(machine), ...passwordDoubts(machine)];
}

/** With a /32 every gateway is on-link, and that is what such a prefix is for. */
function gatewayDoubts({ interfaces }: Machine): Mistake[] {
  return interfaces.flatMap(({ address, prefixLength, gateway, gatewayInSubnet }, index) =>
    gatewayInSubnet || prefixLength === 32
      ? []
      : [
          {
            path: ['network_interfaces', index, 'gateway'],
            text: `${gateway} is outside ${address}/${prefixLength}; it will be used as an on-link gateway`,
          },
        ],
  );
}

/** RFC 952 knows no underscore, and systemd refuses one in a host name. */
function hostnameDoubts({ cloudInit }: Machine): Mistake[] {
  return cloudInit !== undefined && cloudInit.hostname.includes('_')
    ? [
        {
          path: ['name'],
          text: 'a host name cannot have an underscore; give the guest one with cloud_init.fqdn',
        },
      ]
    : [];
}

function passwordDoubts({ cloudInit }: Machine): Mistake[] {
  const hash = cloudInit?.rootPasswordHash;
  const text = hash === undefined ? undefined : passwordHashDoubt(hash);
  return text === undefined ? [] : [{ path: ['cloud_init', 'root_password_hash'], text }];
}
