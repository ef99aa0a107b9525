import { PlowError } from '../../errors/plow-error.ts';
import { isProtected } from '../../libvirt-xml/metadata/guard.ts';
import type { XmlElement } from '../../libvirt-xml/read/parse.ts';
import { shellArgument } from '../../text/shell-quote.ts';

/**
 * For whatever loses data of a VM, before it changes anything.
 * @param documents of the VM, as it is stored and as it runs
 * @param refused what is not done, such as `it is not destroyed`
 * @throws PlowError (operation) for a VM that is protected
 */
export function refuseIfProtected(name: string, documents: readonly XmlElement[], refused: string): void {
  if (documents.some(isProtected)) throw protectedVm(name, refused);
}

/** What is told of one. @param refused what is not done, such as `it is not destroyed` */
export function protectedVm(name: string, refused: string): PlowError {
  return new PlowError('operation', `VM '${name}' is protected: ${refused}`, {
    hint: `plow unprotect ${shellArgument(name)} lifts it`,
  });
}
