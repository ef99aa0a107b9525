import type { ImageDocument } from '../../documents/images/image-schema.ts';
import type { PlowError } from '../../errors/plow-error.ts';
import { failureEntry } from '../failure/document.ts';
import type { ImageRecord } from '../../vm/image-store/record.ts';

/** What is to be told of an image. */
export interface ToldImage {
  readonly action: ImageDocument['action'];
  readonly status: ImageDocument['status'];
  readonly name: string;
  readonly host?: string | undefined;
  readonly path?: string;
  /** Of this machine. */
  readonly file?: string;
  readonly record?: ImageRecord;
  readonly usedBy?: readonly string[];
  readonly error?: PlowError;
}

/** A line of `plow image ... -o json`. */
export function imageDocument(told: ToldImage): ImageDocument {
  const { action, status, name, host, path = null, file = null, record, usedBy = [], error } = told;
  return {
    action,
    ...(host === undefined ? {} : { host }),
    name,
    image_version: record?.version ?? null,
    status,
    path,
    file,
    url: record?.url ?? null,
    format: record?.format ?? null,
    downloaded: record?.downloaded ?? null,
    content: record?.content ?? null,
    bytes: record?.bytes ?? null,
    capacity_bytes: record?.capacityBytes ?? null,
    insecure: record?.insecure ?? false,
    signed_by: record?.signedBy ?? null,
    pulled_at: record?.at ?? null,
    used_by: [...usedBy],
    error: error === undefined ? null : failureEntry(error),
  };
}
