import { CDROM } from './cdrom.ts';
import { CONSOLE } from './console.ts';
import type { Device } from './device.ts';
import { DISKS } from './disk.ts';
import { GUEST_AGENT } from './guest-agent.ts';
import { INTERFACES } from './interface.ts';
import { RNG } from './rng.ts';
import { SEED } from './seed.ts';
import { SHARES } from './share.ts';
import { TPM } from './tpm.ts';
import { VNC } from './vnc.ts';
import { WATCHDOG } from './watchdog.ts';

/** The kinds of devices that plow gives VMs, in the order of the document. */
export const DEVICES: readonly Device[] = [
  DISKS,
  SEED,
  CDROM,
  SHARES,
  INTERFACES,
  CONSOLE,
  GUEST_AGENT,
  RNG,
  VNC,
  TPM,
  WATCHDOG,
];
