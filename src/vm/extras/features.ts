import type { Machine } from '../../config/machine.ts';
import type { FeatureName } from '../features/table.ts';

/** What of a hypervisor the things need that few VMs have, by the keys of the file that say so. */
export function featuresOfExtras({
  hasTpm,
  hasSecureBoot,
}: Machine): readonly (readonly [FeatureName, string])[] {
  return [
    ...(hasTpm ? ([['tpm', 'tpm']] as const) : []),
    ...(hasSecureBoot ? ([['secure-boot', 'secure_boot']] as const) : []),
  ];
}
