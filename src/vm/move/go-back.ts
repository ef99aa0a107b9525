import { posix } from 'node:path';
import { isReason } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { MoveMark } from '../../libvirt-xml/metadata/move.ts';
import { movingDocument } from '../../libvirt-xml/move/document.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { removeVm } from '../destroy/destroy.ts';
import { explainOfVm } from '../list/unknown-vm.ts';
import { removeUnused } from '../ownership/remove-unused.ts';
import { withFreshPoolOn } from '../storage/directory-pool.ts';
import type { Ends } from './ends.ts';
import { isEmpty, openTarget, seenFile } from './leaving.ts';
import { assertSameHost, hostUuid, isOfMove, markIn, setMark, stopLent } from './marks.ts';

/**
 * Takes a move back: what it made there goes, and the VM is where it was, and as it was.
 * @throws PlowError (operation) for one that may have run there; Interrupted
 */
export async function abortMove(domain: Domain, mark: MoveMark, ends: Ends): Promise<void> {
  const { name } = domain;
  const { from, to } = ends;
  from.context.progress.title(`Taking back the move of VM '${name}' to ${to.name}...`);
  try {
    await goBack(domain, mark, ends);
  } catch (error) {
    throw explainOfVm(error, name, `cannot take back the move of VM '${name}'`);
  }
  from.context.progress.success(`VM '${name}' is on ${from.name}, as it was`);
}

/** @throws PlowError, HypervisorError, Interrupted */
export async function goBack(domain: Domain, mark: MoveMark, ends: Ends): Promise<void> {
  const { from, to } = ends;
  const { uuid, name } = domain;
  if (mark.phase === 'left') throw isThere(name, to.name);
  await assertSameHost(name, mark, to);
  using there = await to.context.hypervisor.findDomainByUuid(uuid);
  const own = there && (await markIn(there));
  const isOurs = isOfMove(own, mark.token, await hostUuid(from.context));
  if (mark.phase === 'moved') {
    if (there !== undefined) await assertHasNotRun(there, isOurs ? own : undefined, to.name);
    await switchBack(domain, mark, ends);
  }
  if (there !== undefined && isOurs) {
    from.context.progress.begin(`Removing what was copied to ${to.name}`);
    const target = await openTarget(there, to.context);
    const { directory } = target.metadata ?? {};
    await removeBases(
      uuid,
      [...own.bases.filter((path) => path !== directory), ...(await begunOf(mark, own, ends))],
      ends,
    );
    // Files of a directory that is not of its making are somebody else's.
    const isMade = directory !== undefined && own.bases.includes(directory);
    if (isMade || (await isEmptyDirectory(directory, to.context)))
      await removeVm(there, { target, keep: new Set() }, to.context);
    else await there.undefine();
  }
  if (mark.autostart) await domain.setAutostart(true);
  if (mark.ran && (await domain.state()) === 'shut off') await domain.start();
  await setMark(domain, undefined);
  await stopLent(ends);
}

/** Or there is none. */
async function isEmptyDirectory(directory: string | undefined, context: VmContext): Promise<boolean> {
  if (directory === undefined) return false;
  const looking = withFreshPoolOn(directory, context, (pool) => pool.volumeNames());
  const names = await looking.catch((error: unknown) => {
    if (isReason(error, 'no-such-file')) return [];
    throw error;
  });
  return names.length === 0;
}

async function assertHasNotRun(there: Domain, own: MoveMark | undefined, host: string): Promise<void> {
  const { name } = there;
  if (own?.phase === 'ready' && (await there.state()) === 'shut off') return;
  throw isThere(name, host);
}

function isThere(name: string, host: string): PlowError {
  return new PlowError('operation', `VM '${name}' has moved to ${host}, and may have run there`, {
    hint: `plow move --resume ${shellArgument(name)} goes on; from there it can move back`,
  });
}

/** The one step from which on the VM is here again. @throws HypervisorError */
export async function switchBack(domain: Domain, mark: MoveMark, { from }: Ends): Promise<void> {
  const { uuid } = domain;
  const document = await domain.wholeDocument();
  const back: MoveMark = { ...mark, role: 'source', phase: 'copying' };
  const open = movingDocument(document, { uuid, mark: back, isBarred: false, isElsewhere: false });
  using _ = await from.context.hypervisor.defineDomain(open);
}

/**
 * Base images that were made there just before the move ended, which could not tell so any more: nothing was
 * written to them.
 */
async function begunOf(planned: MoveMark, told: MoveMark, { to }: Ends): Promise<readonly string[]> {
  const untold = planned.bases.filter((path) => !told.bases.includes(path));
  const files = await Promise.all(untold.map((path) => seenFile(path, to.context)));
  return files.flatMap((file) =>
    file !== undefined && isEmpty(file.facts, file.facts.capacityBytes) ? [file.path] : [],
  );
}

/** Base images that the move brought along, unless somebody stands on them by now. */
async function removeBases(uuid: string, bases: readonly string[], { to }: Ends): Promise<void> {
  for (const path of bases) {
    try {
      const { left } = await withFreshPoolOn(posix.dirname(path), to.context, (pool) =>
        removeUnused({ uuid }, [path], pool, to.context),
      );
      for (const [one, why] of left) to.context.progress.note(`left: ${one} (${why})`);
    } catch (error) {
      if (!isReason(error, 'no-such-file')) throw error;
    }
  }
}
