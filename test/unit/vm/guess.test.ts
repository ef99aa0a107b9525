import { describe, expect, it } from 'vitest';
import { sureGuess } from '../../../src/vm/guess.ts';

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
