import { posix } from 'node:path';
import type { FwCfgFile } from '../../config/machine/extras.ts';
import { isReason } from '../../errors/hypervisor-error.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
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

/** No disk of it: QEMU reads it once, at each start. */
const AS_IT_IS = { format: 'raw', cache: 'writeback' } as const;

/**
 * Whoever writes a VM file shall not choose which files of the host a guest sees: one of fw_cfg lies where
 * images do, is what its path says, may be read by QEMU's user and changed by root alone, and belongs to no
 * VM: libvirt gives it to QEMU's user at each start, whatever lies there then. @throws PlowError
 */
export async function inspectFwCfg(
  { file }: FwCfgFile,
  index: number,
  inspection: Inspection,
): Promise<void> {
  const { context, report, doubt, notChecked } = inspection;
  const path = ['fw_cfg', index, 'file'];
  const refused =
    whyOutside(file, context.imageDirs) ??
    (await whyLink(file, context.imageDirs, context.hypervisor)) ??
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

/** A disk, a seed or the variables of another VM, or whatever else lies in a directory of one. */
async function whyTaken(file: string, { context, questions }: Inspection): Promise<string | undefined> {
  const looking = questions.documents();
  const documents = await explaining(looking, 'operation', 'cannot read the documents of the other VMs');
  const real = (await context.hypervisor.realPath(file)) ?? file;
  const owner =
    (await ownerOfImage(file, documents, context.hypervisor, 'firmware files')) ??
    documents.find(({ stored }) => [file, real].some((one) => isBeside(one, stored)))?.name;
  return owner === undefined
    ? undefined
    : `${file} belongs to VM '${owner}': give a copy of it that no VM uses`;
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
  const problem = await unusable({ image: file, ...AS_IT_IS }, facts, inspection);
  return problem ?? { bytes: facts.fileBytes ?? facts.capacityBytes };
}
