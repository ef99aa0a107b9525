import type { Machine, ProvisioningFormat } from '../../config/machine.ts';
import { readSeed } from '../../provision/cloud-init/read-seed.ts';
import type { SeedFacts } from '../../provision/cloud-init/read-seed.ts';
import { readIgnition } from '../../provision/ignition/read-config.ts';
import type { IgnitionFacts } from '../../provision/ignition/read-config.ts';
import { artefactsOf } from '../../provision/provisioner.ts';
import type { Value } from '../show/details.ts';
import type { Change } from './change.ts';
import type { Verdict } from './words.ts';

/** What a guest was handed, as far as it could be read; undefined: nothing, or it cannot be. */
export interface Handed {
  readonly seed: SeedFacts | undefined;
  readonly ignition: IgnitionFacts | undefined;
}

/** A guest of Ignition looks at its config once. */
const VERDICTS: Readonly<Record<ProvisioningFormat, Verdict>> = {
  'cloud-init': 'reseed',
  ignition: 'rebuild',
};

/** All else may hold a password, a key, or what a command is given. */
const SHOWN: ReadonlySet<string> = new Set([
  'hostname',
  'fqdn',
  'timezone',
  'packages',
  'ssh_pwauth',
  'network',
  'console_autologin',
]);

/** In what the guest of a file would be set up another way than it was. */
export function guestChanges(machine: Machine, handed: Handed): readonly Change[] {
  const { provisioning } = machine;
  if (provisioning === undefined) return [];
  const wanted = partsOf(read(machine));
  const there = partsOf(handed);
  if (there.size === 0) return [];
  const keys = [...new Set([...wanted.keys(), ...there.keys()])];
  return keys.flatMap((key): readonly Change[] => {
    const [file, stored] = [wanted.get(key), there.get(key)];
    if (file === stored) return [];
    const show = (text: string | undefined): Value | undefined =>
      SHOWN.has(key) ? (text ?? null) : undefined;
    const verdict = VERDICTS[provisioning.format];
    const [said, was] = [show(file), show(stored)];
    return [
      {
        what: `guest ${key}`,
        file: said,
        made: was,
        stored: was,
        live: undefined,
        verdict,
        cause: 'file',
        isPending: false,
      },
    ];
  });
}

/** What would be handed to it now, read as what lies there is. */
function read(machine: Machine): Handed {
  const artefacts = artefactsOf(machine, { createdAt: new Date(0) });
  if (artefacts?.kind === 'seed') {
    const files = new Map(artefacts.files.map(({ name, bytes }) => [name, bytes]));
    return { seed: readSeed(files), ignition: undefined };
  }
  const text = artefacts && new TextDecoder().decode(artefacts.file.bytes);
  return { seed: undefined, ignition: text === undefined ? undefined : readIgnition(text) };
}

/** What is said under each key, as JSON where it is no text; what is not said is left out. */
function partsOf({ seed, ignition }: Handed): ReadonlyMap<string, string> {
  const facts = seed ?? ignition;
  if (facts === undefined) return new Map();
  const all = Object.entries({
    hostname: facts.hostname,
    ...facts.guest,
    user_data: seed !== undefined && seed.unreadUserData.length > 0 ? seed.userData : undefined,
    config: ignition?.own,
  });
  return new Map(
    all.flatMap(([key, value]) => {
      if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
      return [[key, typeof value === 'string' ? value : JSON.stringify(value)] as const];
    }),
  );
}
