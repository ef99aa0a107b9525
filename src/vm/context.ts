import type { KeyPairs } from '../provision/host-keys/open-ssh.ts';
import type { Hypervisor } from '../hypervisor/hypervisor.ts';
import type { AddressGuard } from './address-guard.ts';
import type { Progress } from './progress.ts';

/** Directories on the hypervisor, and where they are named: a place in a file, or `default`. */
export interface NamedDirs {
  readonly value: readonly string[];
  readonly from: string;
}

/** What every workflow is given. */
export interface VmContext {
  readonly hypervisor: Hypervisor;
  readonly progress: Progress;
  /** Where VM directories are made, absolute, on the hypervisor. */
  readonly storagePath: string;
  /** It is libvirt's own default of a user's session, which is made where it is missing. */
  readonly makesStoragePath?: boolean;
  /** In or below which base images lie. */
  readonly imageDirs: NamedDirs;
  /** In or below which VMs may have shares. */
  readonly shareDirs: NamedDirs;
  /** Undefined: names and addresses are compared with those of this hypervisor alone. */
  readonly guard?: AddressGuard;
  /** Aborted with an Interrupted as its reason when plow is asked to stop. */
  readonly signal: AbortSignal;
  /** Called when something is there that an interruption takes back. */
  readonly making: (isMaking: boolean) => void;
  /** Called when the work counts as done, so that an interruption comes too late. */
  readonly settled: () => void;
  /** plow's own version, for the metadata. */
  readonly version: string;
  readonly now: () => Date;
  readonly newUuid: () => string;
  /** Secrets that nobody else has. */
  readonly newKeyPairs: () => KeyPairs;
}
