import type { ShowDocument } from '../../documents/show-schema.ts';
import { entryOf } from '../../vm/show/fields/field.ts';
import { VM_KEYS } from '../../vm/show/fields/vm.ts';
import type { VmDetails } from '../../vm/show/details.ts';

/** The document of `plow show -o json`. @param uri without a password @param host of several */
export function showDocument(uri: string, details: VmDetails, host?: string): ShowDocument {
  return { ...(host === undefined ? {} : { host }), uri, vm: entryOf(VM_KEYS, details) };
}
