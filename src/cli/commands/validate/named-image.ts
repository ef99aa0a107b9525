import type { ConfigPath, LoadedMachine, Machine } from '../../../config/machine.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import type { VmContext } from '../../../vm/context.ts';
import { withKnownImage, withNamedMedium } from '../../../vm/image-store/named-image.ts';

/** What of a machine is not on the hypervisor, and where its file names it. */
interface Problem {
  readonly path: ConfigPath;
  readonly text: string;
}

/** A machine as create would have it, with the paths of images that were pulled, and what these need. */
export async function withPathsOfImages(
  { machine, ...said }: Pick<LoadedMachine, 'machine' | 'isSaid' | 'imageLock' | 'mediumLock'>,
  context: VmContext,
): Promise<{ readonly machine: Machine; readonly problems: readonly Problem[] }> {
  const base = await orProblem(withKnownImage(machine, said, context));
  const { bootDisk } = machine;
  const based = base.found ?? { ...machine, bootDisk: { ...bootDisk, image: undefined } };
  const medium = await orProblem(withNamedMedium(based, said, context));
  const { cdrom } = based;
  const found = medium.found ?? { ...based, cdrom: cdrom && { ...cdrom, image: undefined } };
  const problems = [
    ...(base.text === undefined ? [] : [{ path: ['boot_disk', 'image'], text: base.text }]),
    ...(medium.text === undefined ? [] : [{ path: ['cdrom', 'image'], text: medium.text }]),
  ];
  return { machine: found, problems };
}

async function orProblem(
  finding: Promise<Machine>,
): Promise<{ readonly found?: Machine; readonly text?: string }> {
  try {
    return { found: await finding };
  } catch (error) {
    if (!(error instanceof PlowError) || error.kind === 'connection') throw error;
    return { text: error.message };
  }
}
