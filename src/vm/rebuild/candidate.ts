import { checkText } from '../../config/vm-file/check.ts';
import { label } from '../../config/yaml/mistake.ts';
import type { ConfigPath, LoadedMachine } from '../../config/machine.ts';
import type { DraftValues } from '../../config/draft/draft.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmContext } from '../context.ts';
import { Exporter } from '../export/export-vm.ts';
import type { OwnVm } from './look.ts';

/**
 * The VM as it is now, as its file would say it as far as its boot disk is concerned.
 * @param image word or path that the new disk is to begin as; undefined: the newest of the name that it has,
 * else the same path
 * @throws PlowError (operation, validation)
 */
export async function machineOf(
  { domain, metadata: { declared } }: OwnVm,
  image: string | undefined,
  context: VmContext,
): Promise<LoadedMachine> {
  const { name } = domain;
  const wanted = image ?? declared.image?.name ?? declared.bootDisk.image;
  if (wanted === undefined) {
    throw new PlowError('operation', `VM '${name}' was made of no image that plow knows`, {
      hint: `plow rebuild ${shellArgument(name)} --image IMAGE names one; plow image list shows what is there`,
    });
  }
  const exported = await new Exporter(context).export(domain.uuid);
  exported.domain[Symbol.dispose]();
  return loadedOf(name, valuesOf(exported.draft.values, wanted, declared.provisioning?.format), image);
}

/** What decides whether a guest of an image can run, and what its disk is to be. */
function valuesOf(
  { name, vcpus, memory_gib, memory_mib, arch, machine, firmware, virt_type, ...rest }: DraftValues,
  image: string,
  format: 'cloud-init' | 'ignition' | undefined,
): object {
  const { boot_disk: disk = {}, network_interfaces } = rest;
  const { size_gb, format: diskFormat, cache, discard } = disk;
  return {
    name,
    vcpus,
    memory_gib,
    memory_mib,
    arch,
    machine,
    firmware,
    virt_type,
    network_interfaces,
    boot_disk: { size_gb, format: diskFormat, cache, discard, image },
    ...(format === undefined ? {} : { provisioning: { format, ssh_host_keys: false } }),
  };
}

/** JSON is YAML: it is checked as every other VM is. @throws PlowError (validation) */
function loadedOf(name: string, values: object, image: string | undefined): LoadedMachine {
  const { machine, diagnostics } = checkText(name, `${JSON.stringify(values)}\n`, { virtType: undefined });
  const wordsAt = (path: ConfigPath): string =>
    label(path) === 'boot_disk.image' && image !== undefined ? '--image' : `${label(path)}, as the VM has it`;
  if (machine === undefined) {
    const mistakes = diagnostics.map(({ key, text: message }) => ({
      key: `${key}, as the VM has it`,
      message,
    }));
    const lines = mistakes.map(({ key, message }) => `${key}: ${message}`);
    throw new PlowError('validation', lines.join('\n'), { mistakes });
  }
  return {
    machine,
    warnings: [],
    locate: wordsAt,
    mistake: (path, message) => ({ key: wordsAt(path), message }),
  };
}

/** A file with another image. */
export function withImage(loaded: LoadedMachine, image: string | undefined): LoadedMachine {
  if (image === undefined) return loaded;
  const { localImage: _, imageLock: __, ...rest } = loaded;
  const { bootDisk } = loaded.machine;
  const { known: ___, ...disk } = bootDisk;
  return { ...rest, machine: { ...loaded.machine, bootDisk: { ...disk, image, imageFormat: undefined } } };
}
