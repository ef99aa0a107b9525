import type { Arch, ImageLock, LockedBuild } from '../../config/machine.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { readCapabilities } from '../../libvirt-xml/read/capabilities.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';

/** What a lock is called that need not be named on a command line. */
const USUAL_FILE = 'images.lock';

/**
 * Finds an image by its digest where a lock says which build its name means, else by the name.
 * @param arch of the VM; undefined: that of the hypervisor, which is asked only where that matters
 * @throws PlowError (validation) where it is not there, and all that `find` throws
 */
export async function findByLock<T>(
  word: string,
  { lock, arch }: { readonly lock: ImageLock | undefined; readonly arch: Arch | undefined },
  context: VmContext,
  find: (word: string) => Promise<T>,
): Promise<T> {
  if (lock === undefined) return find(word);
  const build = await buildFor(lock, arch, context);
  try {
    return await find(build.content);
  } catch (error) {
    if (!(error instanceof PlowError) || error.kind !== 'validation') throw error;
    throw absent(lock, build);
  }
}

function absent({ file, name }: ImageLock, { version }: LockedBuild): PlowError {
  const option = file === USUAL_FILE ? '' : `--images-lock ${shellArgument(file)} `;
  const command = `plow image pull ${option}${name}@${version}`;
  return new PlowError(
    'validation',
    `${name} is ${name}@${version} in ${file}, which is not on the hypervisor (${command} brings it)`,
  );
}

/** @throws PlowError (validation) where the lock has none for that architecture */
async function buildFor(
  { file, name, version, builds }: ImageLock,
  arch: Arch | undefined,
  context: VmContext,
): Promise<LockedBuild> {
  const all = Object.values(builds).filter((build) => build !== undefined);
  const [only, other] = all;
  const meant = arch ?? (other === undefined ? undefined : await archOf(context));
  const build = meant === undefined ? only : builds[meant];
  if (build === undefined)
    throw new PlowError('validation', `${file} has no ${name} for ${meant ?? 'any architecture'}`);
  if (version !== undefined && build.version !== version)
    throw new PlowError(
      'validation',
      `${name}@${version} is not the version of ${file}, which has ${build.version} for ${meant ?? 'it'}`,
    );
  return build;
}

async function archOf({ hypervisor }: VmContext): Promise<Arch> {
  const asking = hypervisor.capabilities();
  const document = await explaining(asking, 'operation', 'cannot read the capabilities of the hypervisor');
  return readCapabilities(document).arch;
}
