import { PlowError } from '../../errors/plow-error.ts';
import { moveOf } from '../../libvirt-xml/metadata/move.ts';
import type { MoveMark } from '../../libvirt-xml/metadata/move.ts';
import type { XmlElement } from '../../libvirt-xml/read/parse.ts';
import { printable } from '../../text/printable.ts';
import { shellArgument } from '../../text/shell-quote.ts';

/**
 * For whatever changes a VM, before it does: one that is on its way to another hypervisor is its move's
 * alone.
 * @throws PlowError (operation)
 */
export function refuseOnItsWay(name: string, document: XmlElement): void {
  const mark = moveOf(document);
  if (mark !== undefined) throw onItsWay(name, mark);
}

/** What is told of one. */
export function onItsWay(name: string, mark: MoveMark): PlowError {
  const argument = shellArgument(name);
  return new PlowError('operation', `VM '${name}' is on its way: it ${wayOf(mark)}`, {
    hint:
      mark.role === 'source'
        ? `plow move --resume ${argument} goes on, plow move --abort ${argument} goes back`
        : `on ${printable(mark.host)}, where it comes from, plow move --resume ${argument} goes on, plow move --abort ${argument} goes back`,
  });
}

/** In words that follow a VM. */
function wayOf({ role, phase, host }: MoveMark): string {
  const other = printable(host);
  if (role === 'incoming') return `comes from ${other}, and is not all there yet`;
  return phase === 'copying' ? `moves to ${other}` : `has moved to ${other}, and its files are left here`;
}
