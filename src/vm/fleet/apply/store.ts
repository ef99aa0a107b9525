import type { Machine } from '../../../config/machine.ts';
import { asDeclared } from '../../../config/settle.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import type { Domain } from '../../../hypervisor/domain.ts';
import { readDomain } from '../../../libvirt-xml/domain/read.ts';
import { domainXml } from '../../../libvirt-xml/domain/write.ts';
import { grafted } from '../../../libvirt-xml/graft/graft.ts';
import { END_NAMESPACE, endOf } from '../../../libvirt-xml/metadata/end.ts';
import { METADATA_NAMESPACE, newMetadata } from '../../../libvirt-xml/metadata/metadata.ts';
import { metadataInDomain } from '../../../libvirt-xml/metadata/read.ts';
import { recordedMetadata } from '../../../libvirt-xml/metadata/record.ts';
import { toStored } from '../../../libvirt-xml/metadata/stored-vm.ts';
import { endElement } from '../../../libvirt-xml/metadata/write.ts';
import { shellArgument } from '../../../text/shell-quote.ts';
import type { VmContext } from '../../context.ts';
import { later } from '../../lease/extend.ts';
import { readDocument } from '../../read-document.ts';
import { machineChanges, wantedOf } from '../machine-changes.ts';
import type { StoredKind } from './check.ts';

/**
 * Has a VM be from its next start on what its file says of some things, and all else as it is stored now. Its
 * document is read, and written in one call; what libvirt would not have so is told before.
 * @param whats names of changes @throws PlowError (operation), HypervisorError
 */
export async function storeChanges(
  domain: Domain,
  machine: Machine,
  whats: readonly string[],
  { kind, context }: { readonly kind: StoredKind; readonly context: VmContext },
): Promise<void> {
  const { name, uuid } = domain;
  const { hypervisor, version, now } = context;
  const whole = await domain.wholeDocument();
  const { directory = '' } = metadataInDomain(readDocument({ name, xml: whole })) ?? {};
  const metadata = newMetadata(machine, { status: 'ready', uuid, version, createdAt: now(), directory });
  const isHere = hypervisor.local !== undefined;
  const wanted = domainXml(machine, { ...kind, backingFormat: undefined, metadata, isHere });
  const xml = grafted(whole, wanted, whats);
  const unlike = stillDifferent(machine, { name, xml }, whats);
  if (unlike.length > 0)
    throw new PlowError('operation', `plow cannot store this of VM '${name}': ${unlike.join(', ')}`, {
      hint: `virsh edit ${shellArgument(name)} changes it by hand; nothing was stored`,
    });
  const defined = await hypervisor.defineDomain(xml);
  defined[Symbol.dispose]();
}

/** What a document lacks still of what was grafted into it. */
function stillDifferent(
  machine: Machine,
  document: { readonly name: string; readonly xml: string },
  whats: readonly string[],
): readonly string[] {
  const parsed = readDocument(document);
  const metadata = metadataInDomain(parsed);
  if (metadata === undefined) return ["plow's own record of it"];
  const { declared, directory } = metadata;
  const own = { declared, directory };
  const stored = readDomain(parsed);
  const views = { own, stored, live: undefined, autostart: machine.autostart, capacities: new Map() };
  const different = machineChanges(wantedOf(machine, declared), views).map(({ what }) => what);
  return different.filter((what) => what !== 'boot' && whats.includes(what));
}

/**
 * Has plow's record of a VM say what its file says of some things. A lease begins anew.
 * @param whats names of changes @throws HypervisorError, PlowError
 */
export async function recordChanges(
  domain: Domain,
  machine: Machine,
  whats: readonly string[],
  { kind, context }: { readonly kind: StoredKind | undefined; readonly context: VmContext },
): Promise<void> {
  const { name, uuid } = domain;
  const document = readDocument({ name, xml: await domain.xml('stored') });
  if (whats.includes('lifetime_minutes')) {
    const { lifetimeMinutes } = machine;
    const expires = lifetimeMinutes === undefined ? undefined : later(lifetimeMinutes, context);
    await domain.setMetadata(endElement(uuid, { ...endOf(document), expires }), END_NAMESPACE);
  }
  const wanted = toStored(kind === undefined ? machine : asDeclared(machine, kind));
  const element = recordedMetadata(document, wanted, whats);
  if (element !== undefined) await domain.setMetadata(element, METADATA_NAMESPACE);
}
