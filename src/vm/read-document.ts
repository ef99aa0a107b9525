import { PlowError } from '../errors/plow-error.ts';
import { shellArgument } from '../text/shell-quote.ts';

/** Reads facts from a document. One that cannot be read may name the very files that are to go. */
export function readDocument<T>(
  { name, xml }: { readonly name: string; readonly xml: string },
  read: (document: string) => T,
): T {
  try {
    return read(xml);
  } catch (cause) {
    throw new PlowError('operation', `cannot read the document of VM '${name}', so nothing is deleted`, {
      hint: `see virsh dumpxml --inactive ${shellArgument(name)}`,
      detail: String(cause),
      cause,
    });
  }
}
