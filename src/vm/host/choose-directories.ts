import type { VmContext } from '../context.ts';
import type { Directories } from './directories.ts';
import { PoolDirectories } from './pool-directories.ts';
import { VisibleDirectories } from './visible-directories.ts';

/** What looks into directories over this connection: by pools that it lends, or by those that are there. */
export function chooseDirectories(context: VmContext): Directories {
  const { hypervisor } = context;
  return hypervisor.isReadOnly ? new VisibleDirectories(hypervisor) : new PoolDirectories(context);
}
