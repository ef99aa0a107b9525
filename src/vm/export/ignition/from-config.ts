import type { DraftValues } from '../../../config/draft/draft.ts';
import type { Evidence } from '../evidence.ts';
import type { Words } from '../piece.ts';

type Section = NonNullable<DraftValues['provisioning']>;

const USUAL_NAME = 'opt/com.coreos/config';
const USUAL_LOGIN = 'core';

/** What Ignition is told; undefined for a VM without it. @param name of the VM in the file */
export function fromConfig(
  { ignition, metadata }: Evidence,
  name: string,
  words: Words,
): Section | undefined {
  const declared = metadata?.declared.provisioning;
  const made = declared?.format === 'ignition' ? declared : undefined;
  if (ignition === undefined && made === undefined) return undefined;
  const names = ignition === undefined || ignition.name === USUAL_NAME ? {} : { fw_cfg_name: ignition.name };
  const ssh_host_keys = made?.sshHostKeys?.length === 0 ? false : undefined;
  const facts = ignition?.facts ?? 'the VM has none any more';
  if (typeof facts === 'string') {
    words.at(
      ['provisioning'],
      `the Ignition config cannot be read (${facts}): keys, passwords and what else stands in it are missing`,
    );
    return { format: 'ignition', fqdn: made?.fqdn, ssh_pwauth: made?.sshPasswordAuth, ssh_host_keys };
  }
  const { guest, hostname } = facts;
  const usual = guest.fqdn?.split('.')[0] ?? name;
  if (hostname !== undefined && hostname.toLowerCase() !== usual)
    words.rest.push(
      `the host name is '${hostname}'; plow takes the first part of fqdn, else the name of the VM`,
    );
  return {
    format: 'ignition',
    ...guest,
    login_user: guest.login_user ?? loginOf(guest, made?.sshUser),
    ssh_host_keys: hostname === undefined ? undefined : ssh_host_keys,
    ignition: Object.keys(names).length === 0 ? undefined : names,
  };
}

/** Said where it is not whom plow would take. */
function loginOf({ users = [] }: Section, sshUser: string | undefined): string | undefined {
  const usual = users.find(({ ssh_keys: keys = [] }) => keys.length > 0)?.name ?? USUAL_LOGIN;
  return sshUser === usual ? undefined : sshUser;
}
