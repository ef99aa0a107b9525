import * as z from 'zod/mini';

import { NETWORK_MANAGERS } from '../../machine.ts';
import { described, ruled } from '../../schema/words.ts';
import { fwCfgNameMistake } from '../../values/extras.ts';
import { userMistake } from '../../values/guest-names.ts';
import { localPathMistake } from '../../values/names.ts';
import { guestKeys, seedKeys, sshKeys } from './cloud-init.ts';

const { fqdn, ...others } = guestKeys;

function loginUserMistake(text: string): string | undefined {
  return text === 'root' ? undefined : userMistake(text);
}


const ignition = z.strictObject({
  config: described(
    "An Ignition config of one's own (JSON, spec 3), in a file below this file's directory; in another where the settings (file_roots) or --allow-outside-files allow it. It is merged into what else stands here, and has the last word; where nothing else stands here it goes alone.",
    z.optional(ruled(localPathMistake)),
    { examples: ['node.ign'] },
  ),
  fw_cfg_name: described(
    'By which the guest finds its config. Flatcar knows opt/org.flatcar-linux/config too. Default: opt/com.coreos/config.',
    z.optional(ruled(fwCfgNameMistake, '^opt/[!-~]{1,51}$')),
    { examples: ['opt/org.flatcar-linux/config'] },
  ),
});

/** What is set up in the guest, in the words of every format. */
export const provisioning = z.strictObject(
  {
    format: described(
      'What the guest reads; none: plow sets up nothing. Default: what the image is known to read, else cloud-init.',
      z.optional(z.enum(['cloud-init', 'ignition', 'none'])),
      { default: 'cloud-init' },
    ),
    fqdn,
    login_user: described(
      'Who has ssh_keys, and whom plow ssh logs in as. Default: root with cloud-init, core with Ignition.',
      z.optional(ruled(loginUserMistake, '^[a-z_][a-z0-9_-]*$')),
      { examples: ['core'] },
    ),
    ...others,
    ssh_keys: described(
      'OpenSSH public keys that may log in as login_user: texts, or files that hold some.',
      sshKeys,
      { examples: [[{ file: '~/.ssh/id_ed25519.pub' }]] },
    ),
    console_autologin: described(
      'Log the serial console in as root by itself: whoever can open the console is root then.',
      z.optional(z.enum(['root'])),
    ),
    network: described(
      'With Ignition: who brings up the network in the guest. Default: networkmanager; Flatcar has networkd.',
      z.optional(z.enum(NETWORK_MANAGERS)),
    ),
    cloud_init: described('What only cloud-init has.', z.optional(z.strictObject(seedKeys))),
    ignition: described('What only Ignition has.', z.optional(ignition)),
  },
  {
    error: ({ code, input }) =>
      code === 'invalid_type' && input === null
        ? 'expected a map of keys, found nothing (write {} to set the host name only, or remove it)'
        : undefined,
  },
);
