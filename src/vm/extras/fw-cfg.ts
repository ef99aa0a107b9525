import { posix } from 'node:path';
import type { Machine } from '../../config/machine.ts';
import { imagesOf } from '../../config/machine/media.ts';
import { isReason } from '../../errors/hypervisor-error.ts';
import type { DomainDocument } from '../../hypervisor/domain-facts.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import { readDomainFiles } from '../../libvirt-xml/read/own-files.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import { bytesText } from '../../text/quantities.ts';
import { explaining } from '../failure.ts';
import type { Inspection } from '../host/inspection.ts';
import { ownerOfImage } from '../image/owner.ts';
import { unusable } from '../image/found.ts';
import { whyLink, whyLinkUnknown, whyOutside } from '../image/place.ts';

/** A guest reads it byte by byte, and so that twice as much takes four times as long. */
const MANY_BYTES = 512 * 1024;
/** What it takes longer than minutes for. */
const MOST_BYTES = 16 * 1024 * 1024;

/** No disk of it: QEMU reads it once, at each start. What is in it may be for few. */
const AS_IT_IS = { format: 'raw', cache: 'writeback', isForFew: true } as const;

/**
 * Whoever writes a VM file shall not choose which files of the host a guest sees: one of fw_cfg lies where
 * images do, is what its path says, may be read by QEMU's user and changed by root alone, and no VM has or
 * stands on it: libvirt gives it to QEMU's user at each start, whatever lies there then. @throws PlowError
 */
export async function inspectFwCfg(machine: Machine, index: number, inspection: Inspection): Promise<void> {
  const file = machine.fwCfg[index]?.file ?? '';
  const { context, report, doubt, notChecked } = inspection;
  const path = ['fw_cfg', index, 'file'];
  const refused =
    whyOutside(file, context.imageDirs) ??
    (await whyLink(file, context.imageDirs, context.hypervisor)) ??
    (await whyOwnImage(file, machine, inspection)) ??
    (await whyTaken(file, inspection));
  if (refused !== undefined) {
    report(path, refused);
    return;
  }
  const unknown = await whyLinkUnknown(file, context.hypervisor);
  if (unknown !== undefined) notChecked({ check: 'link', path: file, why: unknown });
  const looking = lookAtFile(file, inspection);
  const seen = await explaining(looking, 'storage', `cannot look at ${file}`);
  if (typeof seen === 'string') report(path, seen);
  else if (seen === undefined) return;
  else if (seen.bytes > MOST_BYTES)
    report(
      path,
      `${file} has ${bytesText(seen.bytes)}: a guest would read for hours; give it a URL to fetch from`,
    );
  else if (seen.bytes > MANY_BYTES)
    doubt?.(path, `${file} has ${bytesText(seen.bytes)}, which a guest reads for a minute or more`);
}

/** What this VM stands on, or has in its drive. */
async function whyOwnImage(
  file: string,
  machine: Machine,
  { context: { hypervisor } }: Inspection,
): Promise<string | undefined> {
  const real = async (path: string): Promise<string> => (await hypervisor.realPath(path)) ?? path;
  for (const image of imagesOf(machine))
    if ((await real(image)) === (await real(file)))
      return `${file} is an image of this VM, which QEMU's user would get: give a copy of it`;
  return undefined;
}

/** A disk, what it stands on, a seed or the variables of another VM, or what lies in a directory of one. */
async function whyTaken(file: string, { context, questions }: Inspection): Promise<string | undefined> {
  const looking = questions.documents();
  const documents = await explaining(looking, 'operation', 'cannot read the documents of the other VMs');
  const real = (await context.hypervisor.realPath(file)) ?? file;
  const owner =
    (await ownerOfImage(file, documents, context.hypervisor, 'firmware files')) ??
    documents.find(({ stored }) => [file, real].some((one) => isBeside(one, stored)))?.name;
  if (owner !== undefined) return `${file} belongs to VM '${owner}': give a copy of it that no VM uses`;
  const users = await explaining(
    questions.users(context),
    'operation',
    'cannot look at the disks of the VMs',
  );
  const user = users.get(file) ?? users.get(real);
  // Several may read one file of fw_cfg.
  return user === undefined || filesOfFirmware(documents).has(file)
    ? undefined
    : `VM '${user}' stands on ${file}: give a copy of it that no VM uses`;
}

function filesOfFirmware(documents: readonly DomainDocument[]): ReadonlySet<string> {
  return new Set(
    documents.flatMap(({ stored, live }) =>
      [stored, live].flatMap((xml) => {
        const domain = xml === undefined ? undefined : parseIfPossible(xml);
        if (domain === undefined) return [];
        const others = new Set(readDomainFiles(domain, 'firmware files').paths);
        return readDomainFiles(domain, 'nothing').paths.filter((path) => !others.has(path));
      }),
    ),
  );
}

/** Whatever lies in the directory of a VM, as its metadata has it, may be its own. */
function isBeside(file: string, xml: string): boolean {
  return metadataInDomain(parseIfPossible(xml))?.directory === posix.dirname(file);
}

/** @returns why it cannot be taken; undefined where it could not be looked at @throws HypervisorError */
async function lookAtFile(
  file: string,
  inspection: Inspection,
): Promise<string | { readonly bytes: number } | undefined> {
  const { context, directories, notChecked } = inspection;
  const { dir, base } = posix.parse(file);
  const found = await directories
    .visit(dir, async (view) => ({ facts: await view.entry(base) }))
    .catch((error: unknown) => {
      if (!context.hypervisor.isSession || !isReason(error, 'denied')) throw error;
      return 'unseen' as const;
    });
  if (found === 'unseen') {
    notChecked({ check: 'image', path: file, why: directories.unseen.get(dir) ?? `no pool shows ${dir}` });
    return undefined;
  }
  if (typeof found === 'string') return `${file} is not there: the hypervisor has no directory ${dir}`;
  const { facts } = found;
  if (facts === undefined) return `${file} is not there`;
  if (facts.type !== 'file') return `${file} is no file`;
  if (facts.format === 'qcow2') return `${file} is a disk, of which a guest would read the bytes of qcow2`;
  const problem = await unusable({ image: file, ...AS_IT_IS }, facts, inspection);
  return problem ?? { bytes: facts.fileBytes ?? facts.capacityBytes };
}
