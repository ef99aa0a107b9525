import { describe, expect, it } from 'vitest';
import { sureGuess } from '../../../src/vm/guess.ts';

/** Of a start in a session. */
function said(words: string): string {
  return `/usr/lib/qemu/qemu-bridge-helper --use-vnet --br=br0 --fd=28: failed to communicate with bridge helper: ${words}`;
}

describe('what helps', () => {
  it.each([
    [
      "internal error: QEMU unexpectedly closed the monitor (vm='web'): qemu-system-x86_64: cannot set up guest memory 'pc.ram': Cannot allocate memory",
      /too little memory left.*memory_gib/u,
    ],
    [
      "qemu-system-x86_64: -blockdev {}: Could not open '/srv/a b/boot.qcow2': Permission denied",
      /QEMU's user may not open \/srv\/a b\/boot\.qcow2, or not pass a directory above it/u,
    ],
    [
      "Cannot access storage file '/srv/a.qcow2' (as uid:64055, gid:108): Permission denied",
      /QEMU's user may not open \/srv\/a\.qcow2/u,
    ],
    ["operation failed: Unable to find any firmware to satisfy 'efi'", /no UEFI firmware.*apt install ovmf/u],
    ['unsupported configuration: Maximum CPUs greater than specified machine type limit 288', /fewer vcpus/u],
    [
      said("stderr=failed to parse default acl file `/etc/qemu/bridge.conf'\n: Transport endpoint"),
      /serves no bridge.*: sudo mkdir -p \/etc\/qemu && echo 'allow br0' \| sudo tee -a \/etc\/qemu\/bridge\.conf$/u,
    ],
    [
      said('stderr=access denied by acl file\n: Transport endpoint is not connected'),
      /may not serve bridge 'br0'.*: echo 'allow br0' \| sudo tee -a \/etc\/qemu\/bridge\.conf$/u,
    ],
    [
      said('stderr=failed to create tun device: Operation not permitted\n: Transport endpoint'),
      /not the rights of root.*: sudo chmod u\+s \/usr\/lib\/qemu\/qemu-bridge-helper$/u,
    ],
    [
      said('stderr=failed to open /dev/net/tun: Permission denied\n: Transport endpoint'),
      /you may not open \/dev\/net\/tun.*: sudo chmod 0666 \/dev\/net\/tun$/u,
    ],
    [
      said('stderr=failed to open /dev/net/tun: No such file or directory'),
      /there is no.*: sudo modprobe tun$/u,
    ],
    [said(': Transport endpoint is not connected'), /failed for bridge 'br0': plow doctor/u],
  ])('is known of: %s', (words, hint) => {
    expect(sureGuess(words)).toMatch(hint);
  });

  it.each([
    "Cannot access backing file '/a' of storage file '/b': No such file or directory",
    "Requested operation is not valid: domain 'web' is not running",
    'failed to open /dev/net/tun: Operation not permitted',
    'The image size is too large for file format',
  ])('is not guessed of: %s', (words) => {
    expect(sureGuess(words)).toBeUndefined();
  });
});
