import { posix } from 'node:path';
import { isReason } from '../../errors/hypervisor-error.ts';
import type { BootDisk, CacheMode, ConfigPath } from '../../config/machine.ts';
import type { VolumeFacts } from '../../libvirt-xml/read/storage.ts';
import { impassable, wayTo } from '../host/directories.ts';
import { findFlawProblem } from '../host/storage-path.ts';
import type { Inspection } from '../host/inspection.ts';
import { withRepair } from '../host-problem.ts';
import type { HostProblem } from '../host-problem.ts';
import { HEAD_BYTES } from '../image-format/head.ts';
import { describePermissions, qemuAccess } from '../storage/qemu-access.ts';
import { shellQuote } from '../../text/shell-quote.ts';
import { isClosedToSession, NOT_FOR_YOU, openingDirectory, whyAbsent } from './in-session.ts';
import { directoriesAbove, openingImage, whyChangeable } from './place.ts';

/** QEMU opens such a disk with O_DIRECT. */
export function pastTheCache(cache: CacheMode): boolean {
  return cache === 'none' || cache === 'directsync';
}

/** A file, and how QEMU will open it. */
type Opened = Pick<BootDisk, 'format' | 'cache'> & {
  readonly image: string;
  /** What is in it may be a secret: not all shall read it. */
  readonly isForFew?: true;
};

/** A file as it is there. */
export interface Found {
  readonly facts: VolumeFacts;
  /** Undefined where nothing but a change on the hypervisor would show it. */
  readonly head: Uint8Array | undefined;
}

/** Looks at a file that a key names, and complains there if it cannot be had. */
export async function findImage(
  image: string,
  key: ConfigPath,
  { context, directories, report, notChecked }: Inspection,
): Promise<Found | undefined> {
  const { dir, base } = posix.parse(image);
  const here = await context.hypervisor.local?.look(image);
  const unseen = (why: string): void => {
    context.progress.note(`the image ${image} was not looked at: ${why}`);
    notChecked({ check: 'image', path: image, why });
  };
  const complain = (problem: string): void => report(key, problem);
  if (isClosedToSession(here, context)) {
    complain(`${image} ${NOT_FOR_YOU}`);
    return undefined;
  }
  const looking = directories.visit(dir, async (view) => {
    const facts = await view.entry(base);
    if (facts?.type === 'dir') return { facts, head: undefined };
    if (facts !== undefined) {
      const head = typeof here === 'object' ? here.head : await view.head(base, HEAD_BYTES);
      if (head === undefined) unseen('a read-only connection does not show its first bytes');
      return { facts, head };
    }
    const elsewhere = others((await view.names()) ?? [], base.endsWith('.iso') ? MEDIA : IMAGES);
    complain(`${image} ${whyAbsent(here, context)}${elsewhere}`);
    return undefined;
  });
  const found = await looking.catch((error: unknown) => {
    if (!context.hypervisor.isSession || !isReason(error, 'denied')) throw error;
    complain(openingDirectory(image, context.storagePath));
    return undefined;
  });
  if (typeof found !== 'string') return found;
  if (found === 'unseen') {
    unseen(directories.unseen.get(dir) ?? `no pool shows ${dir}`);
    return undefined;
  }
  complain(`${image} is not there: the hypervisor has no directory ${dir}`);
  return undefined;
}

const IMAGES = /\.(?:qcow2|img|raw)$/u;
const MEDIA = /\.iso$/u;

/** What else of the kind the directory holds, for the user who mistyped a name. */
function others(names: readonly string[], kind: RegExp): string {
  const shown = 5;
  const images = names.filter((name) => kind.test(name)).toSorted();
  if (images.length === 0) return '';
  return ` (there: ${images.slice(0, shown).join(', ')}${images.length > shown ? ', ...' : ''})`;
}

/**
 * What keeps QEMU from an image that is one. What its user may not read no VM is given, by a copy neither.
 */
export async function unusable(
  { image, format, cache, isForFew }: Opened,
  facts: VolumeFacts,
  { context, directories, host }: Inspection,
): Promise<string | undefined> {
  const { hypervisor, storagePath } = context;
  // What others may change there is told of the storage path.
  const checked = new Set(await wayTo(storagePath, hypervisor));
  let changeable = whyChangeable(image, 'image', facts.permissions, host);
  for (const path of await directoriesAbove(image, hypervisor)) {
    if (changeable !== undefined) break;
    if (checked.has(path)) continue;
    const found = await directories.facts(path);
    if (typeof found === 'object') changeable = whyChangeable(path, 'directory', found.permissions, host);
  }
  const { dir } = posix.parse(image);
  const problem =
    (await impassable(dir, directories, host)) ??
    unreadable(image, facts, host.qemuUser, isForFew) ??
    changeable;
  if (problem !== undefined) return openingImage(image, storagePath, problem);
  if (format !== 'qcow2' || !pastTheCache(cache)) return undefined;
  const flawed = await findFlawProblem(dir, ['no-direct-io'], hypervisor);
  return flawed && withRepair(flawed);
}

function unreadable(
  image: string,
  { permissions }: VolumeFacts,
  qemuUser: Inspection['host']['qemuUser'],
  isForFew = false,
): HostProblem | undefined {
  if (permissions === undefined || qemuUser === undefined) return undefined;
  if (qemuAccess(qemuUser, permissions, 'read') !== 'no') return undefined;
  const why = describePermissions(permissions);
  const file = shellQuote(image);
  return {
    text: `${image} cannot be read by QEMU's user (uid ${qemuUser.uid}; the file has ${why})`,
    repair: isForFew ? `chgrp ${qemuUser.gid} ${file} && chmod 640 ${file}` : `chmod o+r ${file}`,
  };
}
