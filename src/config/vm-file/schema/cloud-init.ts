import * as z from 'zod/mini';
import { _default as withDefault } from 'zod/mini';

import {
  commandMistake,
  contentMistake,
  groupMistake,
  guestPathMistake,
  ownerMistake,
  packageMistake,
  permissionsMistake,
  sudoMistake,
  timezoneMistake,
  userMistake,
} from '../../values/guest-names.ts';
import { fqdnMistake, localPathMistake } from '../../values/names.ts';
import { passwordHashMistake } from '../../values/password-hash.ts';
import { described, rule, ruled } from '../../schema/words.ts';
import { sshKeyMistake } from '../../values/ssh-key.ts';

const keyFile = z.strictObject({
  file: described(
    "A file of public keys: below this file's directory, or ~/.ssh/NAME.pub; others where the settings (file_roots) or --allow-outside-files allow it.",
    ruled(localPathMistake),
    { examples: ['~/.ssh/id_ed25519.pub'] },
  ),
});

const sshKey = z.union([z.string().check(z.trim(), rule(sshKeyMistake)), keyFile]);

export const sshKeys = withDefault(z.array(sshKey), []);

/** https://cloudinit.readthedocs.io/en/latest/reference/modules.html#users-and-groups */
const user = z.strictObject({
  name: described('Login name.', ruled(userMistake, '^[a-z_][a-z0-9_-]*$'), { examples: ['admin'] }),
  groups: described(
    'Further groups; those that do not exist are made.',
    withDefault(z.array(ruled(groupMistake)), []),
    { examples: [['sudo', 'docker']] },
  ),
  sudo: described(
    'true: may become root without a password. A text is a rule of sudoers instead.',
    withDefault(z.union([z.boolean(), ruled(sudoMistake)]), false),
    { examples: [true, 'ALL=(ALL) /usr/bin/systemctl'] },
  ),
  shell: described('Login shell.', z.optional(ruled(guestPathMistake, '^/')), { examples: ['/bin/bash'] }),
  ssh_keys: described(
    'OpenSSH public keys that may log in as this user: texts, or files that hold some.',
    sshKeys,
  ),
});

/** https://cloudinit.readthedocs.io/en/latest/reference/modules.html#write-files */
const writtenFile = z.strictObject({
  path: described('Absolute path in the guest.', ruled(guestPathMistake, '^/'), { examples: ['/etc/motd'] }),
  content: described('The whole text of the file.', withDefault(ruled(contentMistake), '')),
  owner: described(
    'Owner and group. For anyone but root the file is written late, when the user exists.',
    withDefault(ruled(ownerMistake), 'root:root'),
    { examples: ['admin:admin'] },
  ),
  permissions: described(
    'Mode in octal, in quotes.',
    withDefault(ruled(permissionsMistake, '^0?[0-7]{3,4}$'), '0644'),
    { examples: ['0600'] },
  ),
});

const PASSWORD_HASH_ERROR =
  'expected a crypt hash in quotes, such as "$6$salt$hash" (what was found is not shown)';

/** What every format can be told, in the order in which it is written. */
export const guestKeys = {
  fqdn: described(
    'Fully qualified domain name; its first part is the host name. Without it the host name is the name of the VM.',
    z.optional(ruled(fqdnMistake).check(z.toLowerCase())),
    { examples: ['my-vm.example.com'] },
  ),
  ssh_keys: described(
    'OpenSSH public keys that may log in as root: texts, or files that hold some.',
    sshKeys,
    { examples: [[{ file: '~/.ssh/id_ed25519.pub' }]] },
  ),
  root_password_hash: described(
    "crypt(3) hash of root's password, such as openssl passwd -6 prints. Without it root has no password.",
    z.optional(z.string({ error: PASSWORD_HASH_ERROR }).check(rule(passwordHashMistake))),
  ),
  ssh_pwauth: described(
    'Allow ssh logins by password. Default: refused, but user_data may decide it itself.',
    z.optional(z.boolean()),
    { default: false },
  ),
  ssh_host_keys: described(
    "Have plow make the host keys of the guest's sshd, so that plow ssh knows them. Default: true, unless user_data sets ssh_keys, ssh_deletekeys or ssh_genkeytypes, or nothing can be added to it.",
    z.optional(z.boolean()),
    { default: true },
  ),
  users: described('Users besides root, who log in with their keys.', withDefault(z.array(user), [])),
  packages: described(
    "Packages to install at the first boot, by the guest's own package manager.",
    withDefault(z.array(ruled(packageMistake)), []),
    { examples: [['nginx', 'htop']] },
  ),
  write_files: described(
    'Files to write at the first boot, before packages and commands.',
    withDefault(z.array(writtenFile), []),
  ),
  runcmd: described(
    'Commands to run once, last of all, as root: a text for the shell, or a list of words that needs none.',
    withDefault(
      z.array(z.union([ruled(commandMistake), z.array(ruled(commandMistake)).check(z.minLength(1))])),
      [],
    ),
    { examples: [['systemctl enable --now nginx', ['touch', '/root/a b']]] },
  ),
  timezone: described('Time zone of the guest.', z.optional(ruled(timezoneMistake)), {
    examples: ['Europe/Vienna'],
  }),
};

/** What cloud-init alone has. */
export const seedKeys = {
  user_data: described(
    "A user-data document of one's own, in a file below this file's directory; in another where the settings (file_roots) or --allow-outside-files allow it. plow adds to it what else stands here, and nothing that does not.",
    z.optional(ruled(localPathMistake)),
    { examples: ['user-data.yaml'] },
  ),
  bus: described(
    'Bus of the seed ISO: virtio-scsi is seen by all kernels of clouds, sata not. Left out, it is the one that the image needs, where that is known.',
    withDefault(z.enum(['scsi', 'virtio', 'sata']), 'scsi'),
  ),
};

export const cloudInit = z.strictObject(
  {
    ...guestKeys,
    ...seedKeys,
  },
  {
    error: ({ code, input }) =>
      code === 'invalid_type' && input === null
        ? 'expected a map of keys, found nothing (write {} to set the host name only, or remove it for no seed ISO)'
        : undefined,
  },
);
