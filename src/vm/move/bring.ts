import { PlowError } from '../../errors/plow-error.ts';
import type { MoveMark } from '../../libvirt-xml/metadata/move.ts';
import { movingDocument } from '../../libvirt-xml/move/document.ts';
import { explaining } from '../failure.ts';
import { carryBases, carryFiles, carryNvram } from './carry.ts';
import type { Ends } from './ends.ts';
import type { FileOf, Leaving } from './leaving.ts';
import { assertOurs, hostUuid, isOfMove, markIn, setMark } from './marks.ts';
import { assertChains } from './trust.ts';

/**
 * All that a VM is, under its name, which libvirt cannot start there yet.
 * @throws PlowError, HypervisorError, Interrupted
 */
export async function bring(
  leaving: Leaving,
  mark: MoveMark,
  bases: readonly FileOf[],
  ends: Ends,
): Promise<void> {
  const { uuid, document, name } = leaving;
  const { from, to } = ends;
  const known = await madeBefore(uuid, mark, ends);
  const incoming: MoveMark = {
    ...mark,
    role: 'incoming',
    phase: 'copying',
    host: from.name,
    hostUuid: await hostUuid(from.context),
    bases: known ?? [],
  };
  const barred = movingDocument(document, { uuid, mark: incoming, isBarred: true, isElsewhere: true });
  const defining = to.context.hypervisor.defineDomain(barred);
  using there = await explaining(defining, 'operation', `cannot define VM '${name}' on ${to.name}`);
  const made = new Set(known);
  const isMade = async (path: string): Promise<void> => {
    await assertOurs(there, mark);
    made.add(path);
    await setMark(there, { ...incoming, bases: [...made] });
  };
  const making = { made, isMade };
  const copying = async (): Promise<void> => {
    await carryBases(bases, making, ends);
    await carryFiles(leaving, making, ends);
    await carryNvram(leaving, ends);
    const carried = bases.map(({ path }) => path);
    const below = leaving.bases.map(({ path }) => path);
    await assertChains({ files: leaving.files.map(({ path }) => path), bases: below, carried }, to);
  };
  await explaining(copying(), 'storage', `cannot copy the files of VM '${name}' to ${to.name}`);
}

/**
 * Base images that a move before this one has made there; undefined: it has come to nothing there.
 * @throws PlowError (operation) where another plow has been faster; HypervisorError
 */
export async function madeBefore(
  uuid: string,
  { token }: MoveMark,
  { from, to: { name, context } }: Pick<Ends, 'from' | 'to'>,
): Promise<readonly string[] | undefined> {
  using there = await context.hypervisor.findDomainByUuid(uuid);
  if (there === undefined) return undefined;
  const own = await markIn(there);
  if (isOfMove(own, token, await hostUuid(from.context))) return own.bases;
  throw new PlowError('operation', `another plow has brought VM '${there.name}' to ${name} meanwhile`);
}
