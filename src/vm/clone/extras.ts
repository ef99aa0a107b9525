import type { Machine } from '../../config/machine.ts';

/** What a clone has not as the source has it, or shares with it. */
export function extraWords({ hasTpm, fwCfg, shares }: Machine): readonly string[] {
  return [
    ...(hasTpm
      ? ['its TPM is a new one: what that of the source keeps, such as keys of disks, it does not have']
      : []),
    ...fwCfg.map(({ name, file }) => `it reads ${name} from ${file}, as the VM does: both have the one file`),
    ...shares.map(
      ({ tag, source }) => `it mounts ${tag} of ${source}, as the VM does: both write into the one directory`,
    ),
  ];
}
