import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import type { MoveMark } from '../../libvirt-xml/metadata/move.ts';
import { movingDocument } from '../../libvirt-xml/move/document.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { standing, throwIfInterrupted } from '../interruption.ts';
import { madeBefore } from './bring.ts';
import type { Ends } from './ends.ts';
import { switchBack } from './go-back.ts';
import { lookAtOwn } from './leaving.ts';
import type { Leaving } from './leaving.ts';
import { assertOurs } from './marks.ts';

/**
 * The one step from which on the VM is there, and no more here.
 * @throws PlowError, HypervisorError, Interrupted
 */
export async function switchOver(
  domain: Domain,
  leaving: Leaving,
  mark: MoveMark,
  ends: Ends,
): Promise<void> {
  const { from, to } = ends;
  const { uuid, name } = leaving;
  const { document } = await assertUnchanged(domain, leaving, mark, ends);
  throwIfInterrupted(from.context, `VM '${name}' is copied, and still here`);
  const made = await madeBefore(uuid, mark, ends);
  const incoming = { role: 'incoming', host: from.name, bases: made ?? [] } as const;
  const isElsewhere = true;
  const ready: MoveMark = { ...mark, ...incoming, phase: 'ready' };
  const open = movingDocument(document, { uuid, mark: ready, isBarred: false, isElsewhere });
  using _ = await to.context.hypervisor.defineDomain(open);
  const moved: MoveMark = { ...mark, role: 'source', phase: 'moved' };
  const barred = movingDocument(document, { uuid, mark: moved, isBarred: true, isElsewhere: false });
  await standing(
    from.context.hypervisor.defineDomain(barred).then((one) => one[Symbol.dispose]()),
    `VM '${name}' is copied`,
  );
  if ((await domain.state()) !== 'shut off') {
    const again: MoveMark = { ...mark, ...incoming, phase: 'copying' };
    const closed = movingDocument(document, { uuid, mark: again, isBarred: true, isElsewhere });
    await takeSwitchBack(domain, mark, closed, ends);
  }
  from.context.progress.done(`VM '${name}' is on ${to.name}`);
}

/** Somebody was faster, and its guest writes here. @param closed how it is to be there again */
async function takeSwitchBack(domain: Domain, mark: MoveMark, closed: string, ends: Ends): Promise<never> {
  using _ = await ends.to.context.hypervisor.defineDomain(closed);
  await switchBack(domain, mark, ends);
  throw changedMeanwhile(domain.name, 'started');
}

/**
 * Nobody has started it, or written to its files.
 * @returns it as it is now: its lease may have been extended @throws PlowError (operation)
 */
async function assertUnchanged(domain: Domain, before: Leaving, own: MoveMark, ends: Ends): Promise<Leaving> {
  await assertOurs(domain, own);
  const now = await lookAtOwn(domain, ends);
  const [old, fresh] = [marksOf(before), marksOf(now)];
  const changed = [
    ...[...old].flatMap(([path, mark]) => (fresh.get(path) === mark ? [] : [path])),
    ...[...fresh.keys()].filter((path) => !old.has(path)),
  ];
  if (!now.status.active && changed.length === 0) return now;
  throw changedMeanwhile(
    before.name,
    changed.length === 0 ? 'started' : `written to (${changed.join(', ')})`,
  );
}

function changedMeanwhile(name: string, what: string): PlowError {
  return new PlowError('operation', `VM '${name}' was ${what} while it was copied`, {
    hint: `plow move --abort ${shellArgument(name)} lets it be; once it is off, the same command copies what has changed`,
  });
}

/** When each was written to, and its length, by path. */
function marksOf({ files }: Leaving): ReadonlyMap<string, string> {
  return new Map(files.map(({ path, facts }) => [path, `${facts.writtenAt} ${facts.fileBytes}`]));
}
