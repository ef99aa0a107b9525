import type { Draft } from '../../config/draft/draft.ts';
import { readLacks, readOddities } from '../../libvirt-xml/unknown/oddities.ts';
import { defaultsOf } from './architecture.ts';
import { diskPiece } from './disks.ts';
import { drivePiece } from './parts/drive.ts';
import type { Evidence } from './evidence.ts';
import { extrasPiece } from './parts/extras.ts';
import { generalPiece, plowName } from './general.ts';
import { guestPiece } from './guest.ts';
import { layoutPiece } from './parts/layout.ts';
import { networkPiece } from './network.ts';
import { screenPiece } from './parts/screen.ts';

/**
 * The VM file that would make a VM like this one, as far as it can be told: from what plow wrote when it made
 * it, else from the domain's document, the MAC addresses, the volumes and the seed.
 */
export function draftOf(evidence: Evidence): Draft {
  const pieces = [
    generalPiece(evidence),
    layoutPiece(evidence),
    extrasPiece(evidence),
    diskPiece(evidence),
    drivePiece(evidence),
    networkPiece(evidence),
    guestPiece(evidence, plowName(evidence.facts.name)),
    screenPiece(evidence),
  ];
  return {
    values: pieces.reduce<Draft['values']>((all, { values }) => ({ ...all, ...values }), {}),
    defaults: defaultsOf(evidence),
    remarks: pieces.flatMap(({ remarks }) => remarks),
    rest: [...pieces.flatMap(({ rest }) => rest), ...readOddities(evidence.document)],
    gains: readLacks(evidence.document),
  };
}
