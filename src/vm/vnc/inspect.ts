import { listenOf, openDoubt } from '../../config/machine/vnc.ts';
import type { Vnc } from '../../config/machine/vnc.ts';
import type { Machine } from '../../config/machine.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import type { XmlElement } from '../../libvirt-xml/read/parse.ts';
import { hasDomainId, readDomain } from '../../libvirt-xml/domain/read.ts';
import { explaining } from '../failure.ts';
import type { Inspection } from '../host/inspection.ts';

/**
 * Complains of a port of a screen that is taken, and of an address that the hypervisor does not have, as far
 * as can be told before a start, and tells of one that is open to its users.
 * @throws PlowError
 */
export async function inspectVnc({ name, vnc }: Machine, inspection: Inspection): Promise<void> {
  if (vnc === undefined) return;
  const { context, questions, report, doubt } = inspection;
  const isHere = context.hypervisor.local !== undefined;
  const listen = listenOf(vnc, isHere);
  if (listen === 'none' || listen === 'socket') return;
  tellOpen(vnc, listen, inspection);
  const { port } = vnc;
  const asking = questions.documents();
  const documents = await explaining(asking, 'operation', 'cannot read the documents of the other VMs');
  const users = documents.filter((one) => one.name !== name && portOf(one.live ?? one.stored) === port);
  const running = port === undefined ? undefined : users.find(({ live }) => live !== undefined);
  if (running !== undefined)
    return report(['vnc', 'port'], `VM '${running.name}' runs and has port ${port} already`);
  if (port !== undefined && users[0] !== undefined)
    doubt?.(['vnc', 'port'], `VM '${users[0].name}' has it as well: only one of them can run at a time`);
  const found = await context.hypervisor.canListen(listen, port);
  if (found === 'no-address')
    report(['vnc', 'listen'], `the hypervisor has no address ${listen} (0.0.0.0 is all that it has)`);
  if (found === 'taken')
    report(['vnc', 'port'], `something on the hypervisor listens at port ${port} already`);
}

/** Of an address that plow chose; one that stands in the file is told of without the hypervisor. */
function tellOpen(vnc: Vnc, listen: string, { doubt }: Inspection): void {
  if (vnc.listen !== undefined || vnc.port !== undefined) return;
  const text = openDoubt(vnc, listen);
  if (text !== undefined) doubt?.(['vnc'], text);
}

/** The port that a document keeps for its screen, or has now. */
function portOf(xml: string): number | undefined {
  const document: XmlElement | undefined = parseIfPossible(xml);
  const vnc = document && readDomain(document).vnc;
  return vnc && (document !== undefined && hasDomainId(document) ? vnc.livePort : vnc.port);
}
