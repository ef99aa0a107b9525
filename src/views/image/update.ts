import type { UpdateDocument } from '../../documents/images/update-schema.ts';
import type { PlowError } from '../../errors/plow-error.ts';
import { shownUrl } from '../../text/shown-url.ts';
import { failureEntry } from '../failure/document.ts';

/** What is to be told of a name of a lock. */
export interface ToldUpdate extends Pick<UpdateDocument, 'lock' | 'name' | 'status'> {
  readonly architecture?: UpdateDocument['architecture'];
  readonly from?: string | undefined;
  readonly to?: string;
  readonly url?: string;
  readonly content?: string | undefined;
  readonly downloaded?: string | undefined;
  readonly path?: string | undefined;
  readonly vmFile?: string;
  readonly error?: PlowError;
}

/** A line of `plow image update -o json`. */
export function updateDocument(told: ToldUpdate): UpdateDocument {
  const { lock, name, architecture = null, status, from = null, to = null, url, path = null } = told;
  const { content = null, downloaded = null, vmFile = null, error } = told;
  return {
    lock,
    name,
    architecture,
    status,
    from,
    to,
    url: url === undefined ? null : shownUrl(url),
    content,
    downloaded,
    path,
    vm_file: vmFile,
    error: error === undefined ? null : failureEntry(error),
  };
}
