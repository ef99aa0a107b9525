import type { Machine } from '../../config/machine.ts';
import type { FeatureName } from '../features/table.ts';

/** What of a hypervisor the things need that few VMs have, by the keys of the file that say so. */
export function featuresOfExtras({
  hasTpm,
  hasSecureBoot,
  shares,
}: Machine): readonly (readonly [FeatureName, string])[] {
  return [
    ...(hasTpm ? ([['tpm', 'tpm']] as const) : []),
    ...(shares.length > 0 ? ([['virtiofs', 'shares']] as const) : []),
    ...(shares.some(({ isReadOnly }) => isReadOnly) ? ([['virtiofs-read-only', 'shares']] as const) : []),
    ...(hasSecureBoot ? ([['secure-boot', 'secure_boot']] as const) : []),
  ];
}
