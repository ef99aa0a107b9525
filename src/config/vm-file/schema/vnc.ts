import * as z from 'zod/mini';
import { _default as withDefault } from 'zod/mini';
import { VIDEO_MODELS } from '../../machine/vnc.ts';
import { described, ruled, wholeNumber } from '../../schema/words.ts';
import { localPathMistake } from '../../values/names.ts';
import { listenMistake } from '../../values/vnc.ts';

/** QEMU counts displays from 0 at the first. */
const LEAST_PORT = 5900;
const MOST_PORT = 65_535;

const screen = z.strictObject({
  listen: described(
    'none: no socket, plow vnc reaches it over the connection to libvirt of the same machine. socket: a Unix socket in a directory of QEMU. Else an IPv4 address of the hypervisor; one that other machines reach wants password_file or one_time_password. Default: none where the hypervisor is this machine, else 127.0.0.1.',
    z.optional(ruled(listenMistake, '^(none|socket|[0-9]{1,3}(\\.[0-9]{1,3}){3})$')),
    { examples: ['127.0.0.1'] },
  ),
  port: described(
    'TCP port at the address. Default: the first that is free, from 5900 on.',
    z.optional(wholeNumber(LEAST_PORT, MOST_PORT, 'the last port that there is')),
    { examples: [5901] },
  ),
  password_file: described(
    "A file with the password in it, 1 to 8 characters, which nobody else may read (mode 0600): below this file's directory; others where the settings (file_roots) or --allow-outside-files allow it.",
    z.optional(ruled(localPathMistake)),
    { examples: ['vnc-password'] },
  ),
  one_time_password: described(
    'Let nobody in but with a password that plow vnc --password sets, which is good for a minute.',
    withDefault(z.boolean(), false),
  ),
  video: described(
    'Video card: virtio, or vga for guests without a driver of that.',
    withDefault(z.enum(VIDEO_MODELS), 'virtio'),
  ),
});

export const vnc = z.union([z.boolean(), screen]);
