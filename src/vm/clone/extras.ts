import type { Machine } from '../../config/machine.ts';
import type { ExportedVm } from '../export/export-vm.ts';

/** What of an Ignition config a clone has not: the guest, whose disks have booted, reads none of it. */
export function ignitionWords({ evidence: { ignition, metadata } }: ExportedVm): readonly string[] {
  if (ignition === undefined && metadata?.declared.provisioning?.format !== 'ignition') return [];
  const facts = ignition?.facts ?? 'the VM has none any more';
  const nobody = 'its guest reads none, as its disks have booted';
  if (typeof facts === 'string')
    return [
      `its Ignition config has its name and addresses alone, that of the VM cannot be read (${facts}); ${nobody}`,
    ];
  const without = ['the host keys', ...(facts.own === undefined ? [] : ['ignition.config'])].join(' and ');
  return [`its Ignition config is written anew, without ${without}; ${nobody}`];
}

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
