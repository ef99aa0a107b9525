import { PlowError } from '../errors/plow-error.ts';
import { parseXml } from '../libvirt-xml/read/parse.ts';
import type { XmlElement } from '../libvirt-xml/read/parse.ts';
import { shellArgument } from '../text/shell-quote.ts';

/**
 * The document of a VM, parsed, to read facts from.
 * @throws PlowError (operation), the same in every command, where it cannot be read
 */
export function readDocument({ name, xml }: { readonly name: string; readonly xml: string }): XmlElement {
  try {
    return parseXml(xml);
  } catch (cause) {
    throw new PlowError('operation', `cannot read the document of VM '${name}'`, {
      hint: `see virsh dumpxml --inactive ${shellArgument(name)}`,
      detail: String(cause),
      cause,
    });
  }
}
