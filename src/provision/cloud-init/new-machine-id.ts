import type { NamedFile } from '../artefacts.ts';

/**
 * Gives a guest that began as a copy of another one's disk a machine id of its own: cloud-init, which sees a
 * new instance, renews host name, address and host keys, and leaves that one as it is. A part of its own, so
 * that it touches no document of the user's. It runs early at each boot, and does something at the first one
 * of an instance. https://docs.cloud-init.io/en/latest/explanation/vendor-data.html
 */
const BOOT_HOOK = `#cloud-boothook
#!/bin/sh
# Made by plow: the disk is a copy of another machine's, which has this machine id.
done=/var/lib/cloud/instance/plow-machine-id
[ -e /etc/machine-id ] && [ ! -e "$done" ] || exit 0
: > /etc/machine-id || exit
[ -L /var/lib/dbus/machine-id ] || rm -f /var/lib/dbus/machine-id
if command -v systemd-machine-id-setup > /dev/null; then systemd-machine-id-setup
else dbus-uuidgen > /etc/machine-id; fi
[ ! -s /etc/machine-id ] || : > "$done"
`;

const NAME = 'vendor-data';

/** The file of a seed that does so. */
export function newMachineIdFile(): NamedFile {
  return { name: NAME, bytes: new TextEncoder().encode(BOOT_HOOK) };
}

/** Whether a file of a seed is that of plow's, which says nothing of the VM. */
export function isNewMachineId(name: string, bytes: Uint8Array | undefined): boolean {
  return name === NAME && bytes !== undefined && new TextDecoder().decode(bytes) === BOOT_HOOK;
}
