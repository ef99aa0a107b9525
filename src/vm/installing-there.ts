import type { LocalFacts } from '../hypervisor/local.ts';
import { installing, managerOf } from '../text/installing.ts';
import type { Packages } from '../text/installing.ts';

/** The first that is there counts: os-release(5). */
const FILES = ['/etc/os-release', '/usr/lib/os-release'] as const;

/**
 * The command that installs packages on the hypervisor. @param local undefined where it is another machine,
 * of which nobody knows the distribution
 */
export async function installingThere(
  packages: Packages,
  local: Pick<LocalFacts, 'read'> | undefined,
): Promise<string> {
  if (local === undefined) return installing(packages, undefined);
  const [own, vendor] = await Promise.all(FILES.map((file) => local.read(file)));
  return installing(packages, managerOf(own ?? vendor));
}
