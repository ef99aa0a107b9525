import type { ImageDocument } from '../../documents/images/image-schema.ts';
import type { PlowError } from '../../errors/plow-error.ts';
import { failureEntry } from '../failure/document.ts';
import type { ListedFile } from '../../vm/image-store/list-images.ts';
import type { PlannedPull } from '../../vm/pull/plan-pull.ts';
import type { ImageRecord } from '../../vm/image-store/record.ts';

/** Of a file that plow knows nothing of. */
export const NO_RECORD = 'no record';

/** What is to be told of an image. */
export interface ToldImage {
  readonly action: ImageDocument['action'];
  readonly status: ImageDocument['status'];
  /** Null for a file that no record is about. */
  readonly name: string | null;
  readonly host?: string | undefined;
  readonly path?: string;
  /** Of this machine. */
  readonly file?: string;
  readonly record?: ImageRecord;
  /** Of one that would be pulled. */
  readonly planned?: PlannedPull;
  readonly usedBy?: readonly string[];
  readonly error?: PlowError;
}

/** A line of `plow image ... -o json`. */
export function imageDocument(told: ToldImage): ImageDocument {
  const {
    action,
    status,
    name,
    host,
    planned,
    path = planned?.path ?? null,
    file = null,
    usedBy = [],
    error,
  } = told;
  const record = told.record ?? planned?.record;
  return {
    action,
    ...(host === undefined ? {} : { host }),
    name,
    image_version: record?.version ?? planned?.version ?? null,
    status,
    path,
    file,
    url: record?.url ?? planned?.url ?? null,
    format: record?.format ?? null,
    downloaded: record?.downloaded ?? planned?.downloaded ?? null,
    content: record?.content ?? planned?.content ?? null,
    bytes: record?.bytes ?? planned?.bytes ?? null,
    capacity_bytes: record?.capacityBytes ?? null,
    insecure: record?.insecure ?? planned?.insecure ?? false,
    signed_by: record?.signedBy ?? null,
    pulled_at: record?.at ?? null,
    gate: gateEntry(record),
    used_by: [...usedBy],
    error: error === undefined ? null : failureEntry(error),
  };
}

/** A line of `plow image list -o json`. @param host of several */
export function listedDocument(
  { path, record, format, bytes, capacityBytes, usedBy }: ListedFile,
  host?: string,
): ImageDocument {
  const name = record?.name ?? null;
  const document = imageDocument({
    action: 'list',
    host,
    status: record?.status ?? NO_RECORD,
    name,
    path,
    usedBy,
    ...(record === undefined ? {} : { record }),
  });
  const known = format === 'qcow2' || format === 'raw' || format === 'iso' ? format : null;
  return { ...document, format: known, bytes, capacity_bytes: capacityBytes };
}

function gateEntry(record: ImageRecord | undefined): ImageDocument['gate'] {
  if (record?.gate === undefined) return null;
  const { result, proof, bootSeconds, at, plow } = record.gate;
  return { result, proof, boot_seconds: bootSeconds, at, plow_version: plow };
}
