import { posix } from 'node:path';
import type { VirtType } from '../config/machine.ts';
import { PlowError } from '../errors/plow-error.ts';
import type { Environment } from './environment.ts';

const DEFAULT_URI = 'qemu:///system';
const DEFAULT_STORAGE_PATH = '/var/lib/libvirt/images';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly connect?: string;
  readonly storagePath?: string;
  readonly verbose?: boolean;
}

export interface Settings {
  readonly uri: string;
  /** Absolute, without a trailing slash. */
  readonly storagePath: string;
  readonly verbose: boolean;
  /** What a file that names no virt_type gets. */
  readonly virtType: VirtType | undefined;
}

/** The flag wins over the variable, the variable over the default. @throws PlowError (config) */
export function resolveSettings(options: GlobalOptions, variables: Environment['variables']): Settings {
  const uri =
    options.connect ?? (variables['PLOW_CONNECT'] || variables['LIBVIRT_DEFAULT_URI'] || DEFAULT_URI);
  const storagePath = options.storagePath ?? (variables['PLOW_STORAGE_PATH'] || DEFAULT_STORAGE_PATH);
  const source = options.storagePath === undefined ? 'PLOW_STORAGE_PATH' : '--storage-path';
  if (/\p{Cc}/u.test(storagePath)) {
    throw new PlowError('config', `${source}: a path cannot hold control characters`);
  }
  if (!posix.isAbsolute(storagePath)) {
    throw new PlowError('config', `${source}: '${storagePath}' is not an absolute path on the hypervisor`);
  }
  const resolved = posix.resolve(storagePath);
  if (resolved === '/' || /^\/(?:dev|proc|sys)(?:\/|$)/u.test(resolved)) {
    throw new PlowError('config', `${source}: '${storagePath}' is no place for disks`);
  }
  return {
    uri,
    storagePath: resolved,
    verbose: options.verbose ?? false,
    virtType: virtTypeFrom(variables['PLOW_VIRT_TYPE']),
  };
}

function virtTypeFrom(value: string | undefined): VirtType | undefined {
  if (value === undefined || value === '') return undefined;
  if (value === 'kvm' || value === 'qemu') return value;
  throw new PlowError('config', `PLOW_VIRT_TYPE: expected kvm or qemu, got '${value}'`);
}
