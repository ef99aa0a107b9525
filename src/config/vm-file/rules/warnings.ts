import type { Machine } from '../../machine.ts';
import type { Mistake } from '../../yaml/mistake.ts';
import { didYouMean } from '../../../text/nearest.ts';
import { passwordHashDoubt } from '../../values/password-hash.ts';
import { valueAt } from '../../yaml/raw-value.ts';
import { ownConfigDoubts } from './own-config.ts';
import { shareDoubts } from './shares.ts';
import { vncDoubts } from './vnc.ts';

/** What is odd about a machine, but allowed. */
export function warnings(machine: Machine): Mistake[] {
  return [
    ...gatewayDoubts(machine),
    ...hostnameDoubts(machine),
    ...passwordDoubts(machine),
    ...timezoneDoubts(machine),
    ...autologinDoubts(machine),
    ...ownConfigDoubts(machine),
    ...vncDoubts(machine),
    ...shareDoubts(machine),
  ];
}

/** Of the name as it was written, which a machine no longer has. */
export function nameDoubts(file: unknown): Mistake[] {
  const name = valueAt(file, 'name');
  if (typeof name !== 'string' || name === name.toLowerCase()) return [];
  const lower = name.toLowerCase();
  return [{ path: ['name'], text: `the VM is called '${lower}', in lower case`, suggestion: lower }];
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
function hostnameDoubts({ provisioning }: Machine): Mistake[] {
  if (provisioning?.hostname.includes('_') !== true) return [];
  const { section } = provisioning;
  return [
    {
      path: ['name'],
      text: `a host name cannot have an underscore; give the guest one with ${section}.fqdn`,
    },
  ];
}

function passwordDoubts({ provisioning }: Machine): Mistake[] {
  const hash = provisioning?.rootPasswordHash;
  const text = hash === undefined ? undefined : passwordHashDoubt(hash);
  return text === undefined || provisioning === undefined
    ? []
    : [{ path: [provisioning.section, 'root_password_hash'], text }];
}

/** Guests may know zones that node does not, but hardly one with a slip of the finger in it. */
function timezoneDoubts({ provisioning }: Machine): Mistake[] {
  const timezone = provisioning?.timezone;
  if (provisioning === undefined || timezone === undefined || isTimezone(timezone)) return [];
  const meant = didYouMean(timezone, Intl.supportedValuesOf('timeZone'));
  const text = `'${timezone}' is no time zone that is known here${meant}`;
  return [{ path: [provisioning.section, 'timezone'], text }];
}

function autologinDoubts({ provisioning }: Machine): Mistake[] {
  if (provisioning?.consoleAutologin !== true) return [];
  const text = 'anyone who can open the console is root, which is everyone who may manage the hypervisor';
  return [{ path: [provisioning.section, 'console_autologin'], text }];
}

function isTimezone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
