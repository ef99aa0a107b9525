import { PlowError } from '../../errors/plow-error.ts';
import { moveOf } from '../../libvirt-xml/metadata/move.ts';
import type { MoveMark } from '../../libvirt-xml/metadata/move.ts';
import { explainOfVm, presentVm } from '../list/unknown-vm.ts';
import { onItsWay } from '../protection/on-its-way.ts';
import { readDocument } from '../read-document.ts';
import { abortMove } from './go-back.ts';
import type { Ends } from './ends.ts';
import type { VmContext } from '../context.ts';

/**
 * The move that a VM is on, as it says itself.
 * @throws PlowError (operation) where it is on none, or comes here
 */
export async function moveUnderWay(name: string, { hypervisor }: VmContext): Promise<MoveMark> {
  using domain = await presentVm(name, hypervisor);
  try {
    const mark = moveOf(readDocument({ name, xml: await domain.xml('stored') }));
    if (mark?.role === 'incoming') throw onItsWay(domain.name, mark);
    if (mark !== undefined) return mark;
  } catch (error) {
    throw explainOfVm(error, domain.name, `cannot look at VM '${domain.name}'`);
  }
  throw new PlowError('operation', `VM '${domain.name}' is not on its way to another hypervisor`);
}

/**
 * Takes back the move that a VM is on.
 * @returns its UUID @throws PlowError (operation), Interrupted
 */
export async function takeBack(name: string, ends: Ends): Promise<{ readonly uuid: string }> {
  const { context } = ends.from;
  const mark = await moveUnderWay(name, context);
  using domain = await presentVm(name, context.hypervisor);
  await abortMove(domain, mark, ends);
  return { uuid: domain.uuid };
}
