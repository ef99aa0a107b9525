import { AUTOLOGIN, AUTOLOGIN_DROP_IN, CONSOLE_UNIT } from '../autologin.ts';

/** One of `write_files`. */
export const AUTOLOGIN_FILE = {
  path: `/etc/systemd/system/${CONSOLE_UNIT}.d/${AUTOLOGIN_DROP_IN}`,
  content: AUTOLOGIN,
  owner: 'root:root',
  permissions: '0644',
};

/** Of `runcmd`. systemd has read its units before cloud-init writes files, and has started the console. */
export const AUTOLOGIN_AT_ONCE: readonly string[] = [
  'systemctl daemon-reload',
  "systemctl try-restart 'serial-getty@*.service'",
];

interface Guest {
  readonly write_files?: readonly { readonly path?: string | undefined }[] | undefined;
  readonly runcmd?: readonly unknown[] | undefined;
}

/** What plow writes for `console_autologin`, read as the key that asked for it: it stands first, whole. */
export function readAutologin<T extends Guest>(guest: T): T & { readonly console_autologin?: 'root' } {
  const { write_files: [first, ...files] = [], runcmd = [] } = guest;
  const count = AUTOLOGIN_AT_ONCE.length;
  const isOurs =
    JSON.stringify([first, ...runcmd.slice(0, count)]) ===
    JSON.stringify([AUTOLOGIN_FILE, ...AUTOLOGIN_AT_ONCE]);
  return isOurs
    ? { ...guest, write_files: files, runcmd: runcmd.slice(count), console_autologin: 'root' }
    : guest;
}
