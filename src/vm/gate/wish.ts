import type { Firmware, ImageNeeds } from '../../config/machine.ts';
import type { MachineDefaults } from '../../config/vm-file/to-machine.ts';
import type { SshTarget } from '../ssh/target.ts';

/** What a throw-away boot is to be like. */
export interface GateWish {
  /** With the length of its prefix, as the user gives it: `10.0.0.250/24`. */
  readonly ip: string;
  /** Undefined: that of the settings. */
  readonly bridge: string | undefined;
  /** Undefined: that of the settings for its subnet. */
  readonly gateway: string | undefined;
  readonly memoryMib: number;
  /** Undefined: what the image needs. */
  readonly firmware: Firmware | undefined;
  /** What is known of an image by its name. */
  readonly needs: (imageName: string) => ImageNeeds | undefined;
  /** What a VM file would leave to the surroundings. */
  readonly defaults: MachineDefaults;
  /** How long it may take until cloud-init is done. */
  readonly withinMs: number;
  /** The VM stays, to be looked at. */
  readonly isKept: boolean;
}

/** How somebody who comes with a key is answered. */
export type Login =
  | { readonly kind: 'in' }
  | { readonly kind: 'refused'; readonly words: string }
  /** No answer in time. */
  | { readonly kind: 'silent' };

/** What is not libvirt's. */
export interface GateTools {
  /**
   * Tries to log in, with that key alone, at a guest that has the host keys that plow made, and no others.
   * @param privateKey a file as ssh reads it @param signal ends it: that is no answer either
   * @throws PlowError where it cannot be tried
   */
  readonly logIn: (target: SshTarget, privateKey: string, signal: AbortSignal) => Promise<Login>;
  /** @throws PlowError where there is no ssh here */
  readonly assertCanLogIn: () => Promise<void>;
}
