import { posix } from 'node:path';
import { archCalled } from '../../config/architectures.ts';
import type { KnownImage, Machine } from '../../config/machine.ts';
import { asDeclared } from '../../config/settle.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { METADATA_NAMESPACE, newMetadata } from '../../libvirt-xml/metadata/metadata.ts';
import { machineFiles } from '../../config/vm-paths.ts';
import { metadataWithoutNamespace } from '../../libvirt-xml/metadata/write.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { explainOfVm } from '../list/unknown-vm.ts';
import { lookAt } from '../storage/find-volume.ts';
import { withPoolOn } from '../storage/directory-pool.ts';
import { LIBVIRT_IMAGES } from '../ownership/own-files.ts';
import { usersOfFiles } from '../ownership/used-files.ts';
import { bootDiskOf } from '../export/disks.ts';
import type { ExportedVm } from '../export/export-vm.ts';

/**
 * Writes plow's metadata into a domain that plow did not make, and changes nothing else: from then on
 * `destroy` removes the files in its directory that plow would have made or that the domain names. So the
 * directory must be the VM's own.
 * @param machine that the exported file describes; undefined where that is not complete
 * @returns false where it is plow's already
 * @throws PlowError (validation) for one that cannot be adopted
 */
export async function adoptVm(
  exported: ExportedVm,
  machine: Machine | undefined,
  context: VmContext,
): Promise<boolean> {
  const { domain, evidence } = exported;
  if (evidence.metadata !== undefined) return false;
  if (!evidence.persistent) throw refusal(domain.name, 'it exists only while it runs');
  if (machine === undefined) {
    throw refusal(
      domain.name,
      'the exported file is not complete',
      'plow validate tells what is missing in it',
    );
  }
  const directory = directoryOf(exported, machine, context);
  const cannot = `cannot adopt VM '${domain.name}'`;
  const reason = await explaining(whyNotItsOwn(directory, exported, machine, context), 'operation', cannot);
  if (reason !== undefined) throw refusal(domain.name, reason);
  const { uuid } = domain;
  const { version } = context;
  const createdAt = context.now();
  const metadata = newMetadata(settled(machine, exported), {
    status: 'ready',
    uuid,
    version,
    createdAt,
    directory,
  });
  context.signal.throwIfAborted();
  const element = metadataWithoutNamespace(metadata);
  try {
    await domain.setMetadata(element, METADATA_NAMESPACE);
  } catch (error) {
    throw explainOfVm(error, domain.name, cannot);
  }
  return true;
}

/** With what the file leaves to the hypervisor, as the VM has it. */
function settled(machine: Machine, { evidence: { facts, image } }: ExportedVm): Machine {
  const arch = archCalled(facts.arch);
  const virtType = facts.type === 'qemu' ? 'qemu' : 'kvm';
  const whole = withImage(machine, image);
  return arch === undefined ? whole : asDeclared(whole, { arch, virtType });
}

/** The file names an image that was pulled by its name, and metadata by its path. */
function withImage(machine: Machine, image: KnownImage | undefined): Machine {
  const { bootDisk } = machine;
  if (image === undefined || bootDisk.image !== `${image.name}@${image.version}`) return machine;
  return { ...machine, bootDisk: { ...bootDisk, image: image.path, known: image } };
}

function refusal(name: string, reason: string, hint?: string): PlowError {
  const words = `VM '${name}' cannot be adopted: ${reason}`;
  return new PlowError('validation', words, hint === undefined ? {} : { hint });
}

/** That of the boot disk, where plow could have made it. */
function directoryOf({ domain, evidence }: ExportedVm, machine: Machine, { storagePath }: VmContext): string {
  const { name } = domain;
  if (machine.name !== name) throw refusal(name, `plow would call it '${machine.name}'`);
  const { source, type } = bootDiskOf(evidence) ?? {};
  if (source === undefined || type !== 'file' || posix.normalize(source) !== source)
    throw refusal(name, 'its boot disk is not a file with a plain path');
  const directory = posix.dirname(source);
  if (directory === storagePath || directory === LIBVIRT_IMAGES)
    throw refusal(name, `its boot disk is in ${directory}, where every VM may have some`);
  if (posix.basename(directory) !== name)
    throw refusal(name, `its boot disk is in ${directory}, which is not called as the VM is`);
  return directory;
}

/** Why the directory, or a file that plow would take for one it made, is not the VM's own. */
async function whyNotItsOwn(
  directory: string,
  { domain, evidence }: ExportedVm,
  machine: Machine,
  context: VmContext,
): Promise<string | undefined> {
  const { hypervisor } = context;
  const real = await hypervisor.realPath(directory);
  if (real !== undefined && real !== directory) return `${directory} is a link to ${real}`;
  const { users } = await usersOfFiles(domain.uuid, new Set(), context);
  for (const [path, user] of users) {
    const place = (await hypervisor.realPath(path)) ?? path;
    if (place.startsWith(`${directory}/`)) return `VM '${user}' has ${path}`;
  }
  const named = new Set(evidence.facts.disks.map(({ source }) => source));
  const others = machineFiles(machine).filter((file) => !named.has(`${directory}/${file}`));
  return withPoolOn(directory, context, async (pool) => {
    for (const file of others) {
      using found = await lookAt(pool, file, context);
      if (found !== undefined)
        return `${directory}/${file} is no disk of it, and plow would take it for one that it made`;
    }
    return undefined;
  });
}
