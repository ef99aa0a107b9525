import { posix } from 'node:path';
import type { BootDisk, DiskFormat } from '../../config/machine.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { HostFacts } from '../../libvirt-xml/read/capabilities.ts';
import { readPool } from '../../libvirt-xml/read/storage.ts';
import type { Permissions, VolumeFacts } from '../../libvirt-xml/read/storage.ts';
import { allOf } from '../at-once.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { refuseGoing } from '../image-store/going.ts';
import { lookAt } from '../storage/find-volume.ts';
import type { LocalFacts } from '../../hypervisor/local.ts';
import type { Pool, Volume } from '../../hypervisor/storage.ts';
import { HEAD_BYTES, judgeImage } from '../image-format/head.ts';
import { directoriesAbove, whyChangeable, whyLink } from './place.ts';
import { withPoolOn } from '../storage/directory-pool.ts';
import { withRepair } from '../host-problem.ts';

/** An image that was found good, just before it is used: it may be another by now. */
export interface ImageAgain {
  /** @throws PlowError (storage) where it is no more what it was found to be */
  check(): Promise<void>;
  /** As check, and runs `work` with the image as a volume of an active pool. */
  withVolume<T>(work: (image: Volume) => Promise<T>): Promise<T>;
}

type ImageDisk = BootDisk & { readonly image: string };

/** What an image is now. */
interface Now {
  readonly type: string;
  /** As libvirt takes it; undefined where the file itself is looked at. */
  readonly seen: string | undefined;
  readonly head: Uint8Array;
  readonly permissions: Permissions | undefined;
  /** Of directories above it. */
  readonly above: ReadonlyMap<string, Permissions | undefined>;
}

/** @param format that it was found to have */
export function imageAgain(
  disk: ImageDisk,
  format: DiskFormat,
  context: VmContext,
  host: HostFacts,
): ImageAgain {
  const { image } = disk;
  const { dir, base } = posix.parse(image);
  const judge = async (now: Now): Promise<void> => {
    const problem =
      (await whyLink(image, context.imageDirs, context.hypervisor)) ?? whyOther(disk, format, now, host);
    if (problem === undefined) return;
    throw new PlowError('storage', `the image has changed since it was looked at: ${problem}`);
  };
  const withVolume: ImageAgain['withVolume'] = (work) =>
    withPoolOn(dir, context, async (pool) => {
      using found = await lookAt(pool, base, context);
      if (found === undefined) throw new PlowError('storage', `${image} has gone away`);
      const { volume, facts } = found;
      const here = await lookHere(image, context);
      await judge(here === undefined ? await throughLibvirt(pool, volume, facts) : asBoth(here, facts));
      await refuseGoing(image, pool);
      return await work(volume);
    });
  const check = async (): Promise<void> => {
    const here = await lookHere(image, context);
    const { local } = context.hypervisor;
    if (here === undefined || local === undefined) return withVolume(async () => {});
    await judge(here);
    await refuseGoing(image, local);
  };
  return {
    check: () => explaining(check(), 'storage', `cannot look at the image ${image}`),
    withVolume,
  };
}

function whyOther(
  { image, imageFormat }: ImageDisk,
  format: DiskFormat,
  { type, seen, head, permissions, above }: Now,
  host: HostFacts,
): string | undefined {
  if (type !== 'file') return `${image} is no file`;
  const judged = judgeImage(image, imageFormat, seen ?? format, head);
  if ('problem' in judged) return `${image} ${judged.problem}`;
  if (judged.format !== format) return `${image} was ${format}, and is ${judged.format}`;
  const problem = [
    whyChangeable(image, 'image', permissions, host),
    ...[...above].map(([path, ofPath]) => whyChangeable(path, 'directory', ofPath, host)),
  ].find((each) => each !== undefined);
  return problem && withRepair(problem);
}

/** The file itself; undefined where it is on another machine, or may not be looked at. */
async function lookHere(image: string, { hypervisor }: VmContext): Promise<Now | undefined> {
  const { local } = hypervisor;
  const here = await local?.look(image);
  if (local === undefined || here === undefined || here === 'EACCES') return undefined;
  if (typeof here === 'string') throw new PlowError('storage', `${image} has gone away`);
  const above = new Map<string, Permissions | undefined>();
  for (const path of await directoriesAbove(image, hypervisor))
    above.set(path, await permissionsHere(path, local));
  return { type: here.type, seen: undefined, head: here.head, permissions: here, above };
}

async function permissionsHere(path: string, local: LocalFacts): Promise<Permissions | undefined> {
  const entry = await local.look(path);
  return typeof entry === 'object' ? entry : undefined;
}

/** libvirtd copies an image as what libvirt takes it for. */
function asBoth(here: Now, { format }: VolumeFacts): Now {
  return { ...here, seen: format };
}

async function throughLibvirt(pool: Pool, volume: Volume, facts: VolumeFacts): Promise<Now> {
  const nothing = Promise.resolve(new Uint8Array());
  const asking = facts.type === 'file' ? volume.head(HEAD_BYTES) : nothing;
  const [document, head] = await allOf([pool.xml(), asking]);
  const { path, permissions } = readPool(document);
  const above = new Map(path === undefined ? [] : [[path, permissions] as const]);
  return { type: facts.type, seen: facts.format, head, permissions: facts.permissions, above };
}
