import { HypervisorError } from '../../errors/hypervisor-error.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { moveOf } from '../../libvirt-xml/metadata/move.ts';
import type { MoveMark } from '../../libvirt-xml/metadata/move.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import { removeVm } from '../destroy/destroy.ts';
import { explain } from '../failure.ts';
import { readDocument } from '../read-document.ts';
import { proveRouted, tellUnannounced } from '../routing/prove.ts';
import { routedInText } from '../routing/routed.ts';
import type { Ends, MovedVm } from './ends.ts';
import { openTarget } from './leaving.ts';
import { markIn, setMark } from './marks.ts';

/**
 * What is left to do once a VM is there: it is made one like others, started if it ran, and removed here.
 * @param domain where it was @throws PlowError, HypervisorError, Interrupted
 */
export async function finish(domain: Domain, mark: MoveMark, ends: Ends): Promise<MovedVm> {
  const { name, uuid } = domain;
  const { from, to } = ends;
  if (mark.phase === 'moved' && (await domain.state()) !== 'shut off') {
    throw new PlowError(
      'operation',
      `VM '${name}' was started on ${from.name} while it moved to ${to.name}`,
      {
        hint: `plow move --abort ${shellArgument(name)} has it stay`,
      },
    );
  }
  await settle(domain, mark, ends);
  from.context.progress.begin(`Removing what is left on ${from.name}`);
  const target = await openTarget(domain, from.context);
  const interfaces = target.metadata?.declared.interfaces ?? [];
  const left = await removeVm(domain, { target, keep: new Set() }, from.context);
  from.context.progress.success(`Successfully moved VM '${name}' to ${to.name}`);
  return { name, uuid, left, addresses: interfaces.map(({ address }) => address) };
}

async function settle(domain: Domain, mark: MoveMark, { from, to }: Ends): Promise<void> {
  const { name, uuid } = domain;
  const { hypervisor } = to.context;
  const argument = shellArgument(name);
  using there = await hypervisor.findDomainByUuid(uuid);
  if (there === undefined) {
    // It was as others are, and somebody has destroyed it, or moved it on.
    if (mark.phase === 'left') return;
    throw new PlowError('operation', `VM '${name}' has moved to ${to.name}, and is not there any more`, {
      hint: `its files are still on ${from.name}: plow move --abort ${argument} brings it back`,
    });
  }
  const xml = await there.xml('stored');
  const own = moveOf(readDocument({ name, xml }));
  if (own === undefined) return;
  if (mark.phase === 'left' && own.token !== mark.token) return;
  if (own.token !== mark.token) throw ofAnother(name, to.name);
  if (mark.phase !== 'left') {
    const isOff = (await there.state()) === 'shut off';
    if (mark.ran && isOff) await start(there, own, xml, { from, to });
    if (mark.autostart) await there.setAutostart(true);
    // From now on it may go anywhere, and must not come back here.
    await setMark(domain, { ...mark, role: 'source', phase: 'left' });
  }
  // Another plow that was as fast may have put its own there.
  if ((await markIn(there))?.token !== mark.token) throw ofAnother(name, to.name);
  await setMark(there, undefined);
}

function ofAnother(name: string, host: string): PlowError {
  return new PlowError('operation', `VM '${name}' on ${host} is that of another move`);
}

async function start(
  there: Domain,
  own: MoveMark,
  xml: string,
  { from, to }: Pick<Ends, 'from' | 'to'>,
): Promise<void> {
  const { name } = there;
  const { progress } = from.context;
  progress.begin(`Starting VM '${name}' on ${to.name}`);
  await setMark(there, { ...own, role: 'incoming', phase: 'starting' });
  try {
    await there.start();
  } catch (error) {
    // Where it has not run, it can still go back.
    if (error instanceof HypervisorError && error.reason !== 'disconnected')
      await setMark(there, { ...own, role: 'incoming', phase: 'ready' });
    const words = `VM '${name}' is on ${to.name}, and could not be started there`;
    const argument = shellArgument(name);
    throw explain(
      error,
      'operation',
      words,
      `plow move --resume ${argument} tries again, plow move --abort ${argument} goes back to ${from.name}`,
    );
  }
  const routed = routedInText(xml);
  await proveRouted(routed, to.context, `VM '${name}' runs on ${to.name}`);
  progress.done(`VM '${name}' started on ${to.name}`);
  await tellUnannounced(routed, to.context);
}
