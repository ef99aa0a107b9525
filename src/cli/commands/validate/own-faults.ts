import { whereIs } from '../../../config/diagnostics/diagnostic.ts';
import type { Diagnostic } from '../../../config/diagnostics/diagnostic.ts';
import { checkFiles } from '../../../config/vm-file/check-files.ts';
import type { CheckedText } from '../../../config/vm-file/check.ts';
import type { VmFileReader } from '../../../config/vm-file/reader.ts';
import { hostName } from '../../run/hosts/several.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Places } from '../../settings/places.ts';
import { placed } from './asked-hosts.ts';
import type { Finding } from './host.ts';

/** What is wrong with files by themselves. What they leave out each host may fill in in its own way. */
export interface OwnFaults {
  /** With what is wrong with them on every host. */
  readonly files: readonly CheckedText[];
  /** What is wrong with them on some hosts only. */
  readonly ofSome: readonly Finding[];
  readonly on: ReadonlyMap<Settings, readonly CheckedText[]>;
}

/** Checks files, once for each way in which hosts fill them in. */
export async function ownFaults(
  names: readonly string[],
  all: readonly Settings[],
  places: Places,
  reader: VmFileReader,
): Promise<OwnFaults> {
  const versions = new Map<string, readonly CheckedText[]>();
  const on = new Map<Settings, readonly CheckedText[]>();
  for (const settings of all) {
    // Mostly all of them have the same.
    const defaults = JSON.stringify([settings.virtType, settings.fill?.values]);
    const checked = versions.get(defaults) ?? (await checkFiles(names, placed(settings, places), reader));
    versions.set(defaults, checked);
    on.set(settings, checked);
  }
  const known = [...versions.values()];
  const isEverywhere = (diagnostic: Diagnostic): boolean =>
    known.every((checked) => checked.some(({ diagnostics }) => diagnostics.some(isLike(diagnostic))));
  const ofSome = [...on].flatMap(([settings, checked]) =>
    checked.flatMap(({ file, ordinal = 0, diagnostics }) =>
      diagnostics
        .filter((one) => !isEverywhere(one))
        .map((diagnostic) => {
          const subject = { file, ordinal };
          return { kind: 'validation', subject, diagnostic, host: hostName(settings) } as const;
        }),
    ),
  );
  const [usual = []] = known;
  const files = usual.map((one, index) => ({
    ...one,
    refusal: known.map((checked) => checked[index]?.refusal).find((refusal) => refusal !== undefined),
    diagnostics: one.diagnostics.filter(isEverywhere),
  }));
  return { files, ofSome, on };
}

function isLike(one: Diagnostic): (other: Diagnostic) => boolean {
  return (other) => whereIs(one) === whereIs(other) && one.key === other.key && one.text === other.text;
}
