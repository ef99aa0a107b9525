import type { ConfigPath } from '../machine.ts';
import { valueAt } from '../yaml/raw-value.ts';

/** A part of a file that says what is set up in the guest, right or wrong. */
export interface GuestSection {
  readonly at: ConfigPath;
  readonly value: unknown;
  /** Of cloud-init. */
  readonly userData: { readonly at: ConfigPath; readonly value: unknown };
  /** Of Ignition. */
  readonly config: { readonly at: ConfigPath; readonly value: unknown };
}

function ofCloudInit(section: unknown, at: ConfigPath): GuestSection['userData'] {
  return { at: [...at, 'user_data'], value: valueAt(section, 'user_data') };
}

/** Those that a file has, of which it should have one. @param file as it was written */
export function guestSections(file: unknown): readonly GuestSection[] {
  const [older, value] = [valueAt(file, 'cloud_init'), valueAt(file, 'provisioning')];
  const none = { at: [], value: undefined };
  return [
    ...(older === undefined
      ? []
      : [{ at: ['cloud_init'], value: older, userData: ofCloudInit(older, ['cloud_init']), config: none }]),
    ...(value === undefined
      ? []
      : [
          {
            at: ['provisioning'],
            value,
            userData: ofCloudInit(valueAt(value, 'cloud_init'), ['provisioning', 'cloud_init']),
            config: {
              at: ['provisioning', 'ignition', 'config'],
              value: valueAt(valueAt(value, 'ignition'), 'config'),
            },
          },
        ]),
  ];
}
