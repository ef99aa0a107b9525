import { posix } from 'node:path';
import type { Machine } from '../../config/machine.ts';
import { CONSOLE_LOG_FILE, machineFiles, vmDirectory } from '../../config/vm-paths.ts';
import type { VmContext } from '../context.ts';
import type { DirectoryView } from '../host/directories.ts';
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
  const looking = namesIn(directory, [...machineFiles(machine), CONSOLE_LOG_FILE], inspection);
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
  { context, directories, notChecked }: Inspection,
): Promise<readonly string[]> {
  const { hypervisor, progress, storagePath } = context;
  const look = async (view: DirectoryView): Promise<readonly string[] | 'unseen'> => {
    const there = await view.names();
    return there === undefined ? 'unseen' : wanted.filter((name) => there.includes(name));
  };
  const { dir, base } = posix.parse(directory);
  // Told by the names in the storage path, which are asked for once for however many VMs.
  if (hypervisor.local === undefined) {
    const there = await directories.visit(storagePath, (view) => view.entry(base));
    if (there === undefined) return [];
  }
  const seen = await new VisibleDirectories(hypervisor).visit(directory, look);
  if (seen === 'unseen' && hypervisor.isReadOnly) {
    const entry = await directories.visit(storagePath, (view) => view.entry(base));
    if (typeof entry === 'object') {
      progress.note(`${directory} was not looked at: no pool shows it`);
      notChecked({ check: 'vm-directory', path: directory, why: 'no pool shows it' });
    }
    return [];
  }
  // A pool on the plain path would be in the way of another create of that name; libvirt allows one on
  // another spelling.
  const detour = posix.format({ dir: `${dir}/.`, base });
  const found = seen === 'unseen' ? await directories.visit(detour, look) : seen;
  return typeof found === 'object' ? found : [];
}

/** What to say of a file in the place of one that create would make. @throws PlowError, HypervisorError */
export async function whyTaken(path: string, uuid: string, context: VmContext): Promise<HostProblem> {
  const { users } = await usersOfFiles(uuid, new Set([posix.basename(path)]), context);
  return taken(path, users);
}

function taken(path: string, users: ReadonlyMap<string, string>): HostProblem {
  const user = users.get(path);
  const text = `${posix.basename(path)} already exists in the VM's directory, and plow overwrites nothing`;
  return user === undefined
    ? { text, repair: `move ${path} away if it is not needed, or choose another name for the VM` }
    : { text: `${path} is in use by VM '${user}'`, repair: 'choose another name for this one' };
}
