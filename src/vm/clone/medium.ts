import type { DraftValues } from '../../config/draft/draft.ts';
import type { ExportedVm } from '../export/export-vm.ts';
import { driveOf } from '../export/parts/drive.ts';

/** The drive that a clone has. */
export interface CloneMedium {
  readonly cdrom: DraftValues['cdrom'];
  /** What of it is not as the source has it. */
  readonly changed: readonly string[];
}

/** That of the source, with the same ISO in it, and empty where that is gone: the source starts so too. */
export function mediumOfClone({ draft, evidence }: ExportedVm): CloneMedium {
  const { cdrom } = draft.values;
  if (typeof cdrom !== 'object' || cdrom.image === undefined) return { cdrom, changed: [] };
  const drive = driveOf(evidence);
  const isThere = drive === undefined || typeof evidence.volumes.get(drive.target) !== 'string';
  if (isThere) return { cdrom, changed: [] };
  const { image } = cdrom;
  return {
    cdrom: { ...cdrom, image: undefined },
    changed: [`its drive is empty: ${image}, which the VM has in its own, is not there`],
  };
}
