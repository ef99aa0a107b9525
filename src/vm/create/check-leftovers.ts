import { posix } from 'node:path';
import type { Machine } from '../../config/machine.ts';
import { CONSOLE_LOG_FILE, isDataDiskFile, machineFiles, vmDirectory } from '../../config/vm-paths.ts';
import type { VmContext } from '../context.ts';
import type { DirectoryView, Missing } from '../host/directories.ts';
import { explaining } from '../failure.ts';
import type { Inspection } from '../host/inspection.ts';
import { VisibleDirectories } from '../host/visible-directories.ts';
import { withRepair } from '../host-problem.ts';
import type { HostProblem } from '../host-problem.ts';
import { usersOfFiles } from '../ownership/used-files.ts';

/**
 * Files in the directory that a VM is to have, where create would make its own: a line each.
 * @throws PlowError
 */
export async function inspectLeftovers(machine: Machine, inspection: Inspection): Promise<readonly string[]> {
  const { context, questions } = inspection;
  const directory = vmDirectory(context.storagePath, machine.name);
  const made = inspection.adoptsData === true ? { ...machine, dataDisks: [] } : machine;
  const looking = namesIn(directory, [...machineFiles(made), CONSOLE_LOG_FILE], inspection);
  const names = await explaining(looking, 'storage', `cannot look at ${directory}`);
  if (names.length === 0) return [];
  const asking = questions.users(context);
  const users = await explaining(asking, 'operation', 'cannot look at the disks of the other VMs');
  return names.map((name) => withRepair(taken(`${directory}/${name}`, users)));
}

/** Which of these files there are. */
async function namesIn(
  directory: string,
  wanted: readonly string[],
  inspection: Inspection,
): Promise<readonly string[]> {
  const found = await lookInto(directory, inspection, async (view) => {
    const there = await view.names();
    return there === undefined ? 'unseen' : wanted.filter((name) => there.includes(name));
  });
  return typeof found === 'object' ? found : [];
}

/**
 * Looks into the directory that a VM is to have, without being in the way of others who make it.
 * @param look gives `unseen` where the view does not show enough
 * @returns why nobody could look, where that is so @throws HypervisorError
 */
export async function lookInto<T>(
  directory: string,
  { context, directories, notChecked }: Inspection,
  look: (view: DirectoryView) => Promise<T | 'unseen'>,
): Promise<T | Missing> {
  const { hypervisor, progress, storagePath } = context;
  const { dir, base } = posix.parse(directory);
  // Told by the names in the storage path, which are asked for once for however many VMs.
  if (hypervisor.local === undefined) {
    const there = await directories.visit(storagePath, (view) => view.entry(base));
    if (there === undefined) return 'no-such-file';
  }
  const seen = await new VisibleDirectories(hypervisor).visit(directory, look);
  if (seen === 'unseen' && hypervisor.isReadOnly) {
    const entry = await directories.visit(storagePath, (view) => view.entry(base));
    if (typeof entry === 'object') {
      progress.note(`${directory} was not looked at: no pool shows it`);
      notChecked({ check: 'vm-directory', path: directory, why: 'no pool shows it' });
    }
    return typeof entry === 'object' ? 'unseen' : 'no-such-file';
  }
  // A pool on the plain path would be in the way of another create of that name; libvirt allows one on
  // another spelling.
  const detour = posix.format({ dir: `${dir}/.`, base });
  return seen === 'unseen' ? directories.visit(detour, look) : seen;
}

/** What to say of a file in the place of one that create would make. @throws PlowError, HypervisorError */
export async function whyTaken(path: string, uuid: string, context: VmContext): Promise<HostProblem> {
  const { users } = await usersOfFiles(uuid, new Set([posix.basename(path)]), context);
  return taken(path, users);
}

function taken(path: string, users: ReadonlyMap<string, string>): HostProblem {
  const user = users.get(path);
  const text = `${posix.basename(path)} already exists in the VM's directory, and plow overwrites nothing`;
  const adopting = isDataDiskFile(posix.basename(path)) ? 'take it back with --adopt-data, ' : '';
  return user === undefined
    ? { text, repair: `${adopting}move ${path} away if it is not needed, or choose another name for the VM` }
    : { text: `${path} is in use by VM '${user}'`, repair: 'choose another name for this one' };
}
