import { PlowError } from '../errors/plow-error.ts';
import { shellArgument } from '../text/shell-quote.ts';

/**
 * Reads facts from the document of a VM.
 * @throws PlowError (operation), the same in every command, where it cannot be read
 */
export function readDocument<T>(
  { name, xml }: { readonly name: string; readonly xml: string },
  read: (document: string) => T,
): T {
  try {
    return read(xml);
  } catch (cause) {
    throw new PlowError('operation', `cannot read the document of VM '${name}'`, {
      hint: `see virsh dumpxml --inactive ${shellArgument(name)}`,
      detail: String(cause),
      cause,
    });
  }
}
