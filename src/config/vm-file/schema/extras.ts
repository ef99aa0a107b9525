import * as z from 'zod/mini';
import { _default as withDefault } from 'zod/mini';

import { WATCHDOG_ACTIONS, WATCHDOG_MODELS } from '../../machine/extras.ts';
import { shareDirectoryMistake, shareTagMistake } from '../../values/devices/shares.ts';
import { fwCfgFileMistake, fwCfgNameMistake } from '../../values/extras.ts';
import { count, described, ruled } from '../../schema/words.ts';

const MOST_FW_CFG = 16;
const MOST_SHARES = 16;
/** More than any host has use for. */
const MOST_IO_THREADS = 64;
/** What QEMU takes: 10^15 bytes, and no more operations than that. */
const MOST_IOPS = 1_000_000_000;
const MOST_MIB_PER_S = 900_000_000;

const fwCfgFile = z.strictObject({
  name: described(
    'What the guest reads it by, below /sys/firmware/qemu_fw_cfg/by_name: opt/ and a name of your own.',
    ruled(fwCfgNameMistake, '^opt(/[A-Za-z0-9][A-Za-z0-9._-]*)+$'),
    { examples: ['opt/org.example/config'] },
  ),
  file: described(
    'Absolute path on the hypervisor, in or below a directory of images, without a comma. It is never changed or removed.',
    ruled(fwCfgFileMistake, '^/[^,]*[^/,]$'),
    { examples: ['/var/lib/libvirt/images/config.json'] },
  ),
});

const share = z.strictObject({
  source: described(
    'Directory of the hypervisor, in or below one of share_dirs in the settings. No link leads to it. It is never removed.',
    ruled(shareDirectoryMistake, '^/[^,]*[^/,]$'),
    { examples: ['/srv/data'] },
  ),
  tag: described(
    'What the guest mounts it by: mount -t virtiofs data /mnt.',
    ruled(shareTagMistake, '^[A-Za-z0-9][A-Za-z0-9._-]{0,35}$'),
    { examples: ['data'] },
  ),
  read_only: described(
    'The guest may only read. Needs libvirt 11.0.',
    withDefault(z.boolean(), false),
  ),
});

const iops = (what: string): z.ZodMiniOptional<z.ZodMiniNumberFormat> =>
  described(
    `The most ${what} in a second.`,
    z.optional(count(MOST_IOPS, 'more than any disk does')),
    { examples: [500] },
  );

const mib = (what: string): z.ZodMiniOptional<z.ZodMiniNumberFormat> =>
  described(
    `The most MiB (2^20 bytes) that are ${what} in a second.`,
    z.optional(count(MOST_MIB_PER_S, 'more than QEMU counts')),
    { examples: [100] },
  );

/** https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms, iotune */
export const ioLimits = described(
  'The most that the guest may do with the disk: of operations and of bytes either a total, or reads and writes apart.',
  z.optional(
    z.strictObject({
      total_iops: iops('reads and writes'),
      read_iops: iops('reads'),
      write_iops: iops('writes'),
      total_mib_per_s: mib('read and written'),
      read_mib_per_s: mib('read'),
      write_mib_per_s: mib('written'),
    }),
  ),
);

/** Keys of the file that few VMs need. */
export const extraKeys = {
  tpm: described(
    'Give the VM a TPM 2.0 of its own, which swtpm on the hypervisor plays. What is in it goes with the VM.',
    withDefault(z.boolean(), false),
  ),
  secure_boot: described(
    'Have the firmware start nothing that is not signed (UEFI Secure Boot, with the keys of its maker). Needs firmware uefi and machine q35.',
    withDefault(z.boolean(), false),
  ),
  watchdog: described(
    'A watchdog that the guest must feed, and what is done when it does not: the action alone, or a map.',
    z.optional(
      z.union([
        z.strictObject({
          model: described(
            'i6300esb is a PCI device; ib700 an older one, of machine pc.',
            withDefault(z.enum(WATCHDOG_MODELS), 'i6300esb'),
          ),
          action: described(
            'reset, poweroff: hard. shutdown: as by the power button. pause: the VM stands still. inject-nmi: the guest is told. none: nothing but a word in the log.',
            withDefault(z.enum(WATCHDOG_ACTIONS), 'reset'),
          ),
        }),
        z.enum(WATCHDOG_ACTIONS),
      ]),
    ),
    { examples: ['reset', { model: 'i6300esb', action: 'poweroff' }] },
  ),
  iothreads: described(
    "Threads of QEMU that serve the VM's disks, which take them in turn. Default: none, QEMU's main thread serves all.",
    z.optional(count(MOST_IO_THREADS, 'more than disks have use for')),
    { examples: [1] },
  ),
  fw_cfg: described(
    'Files of the hypervisor that the guest reads by name (fw_cfg of QEMU).',
    withDefault(z.array(fwCfgFile).check(z.maxLength(MOST_FW_CFG)), []),
  ),
  shares: described(
    'Directories of the hypervisor that the guest mounts (virtiofs). Root of the guest is root in them.',
    withDefault(z.array(share).check(z.maxLength(MOST_SHARES)), []),
  ),
};
