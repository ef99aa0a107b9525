import type { Machine } from '../../config/machine.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Pool } from '../../hypervisor/storage.ts';
import { readIso } from '../../iso9660/read-iso.ts';
import { writeIso } from '../../iso9660/write-iso.ts';
import type { NamedFile } from '../../provision/artefacts.ts';
import { renewedMetaData } from '../../provision/cloud-init/meta-data.ts';
import { SEED_VOLUME_ID } from '../../provision/cloud-init/seed-files.ts';
import { readHostKeys } from '../../provision/host-keys/in-user-data.ts';
import { openSshKeys } from '../../provision/host-keys/open-ssh.ts';
import type { HostKeys } from '../../provision/host-keys/open-ssh.ts';
import { artefactsOf } from '../../provision/provisioner.ts';
import type { VmContext } from '../context.ts';
import { lookAt } from '../storage/find-volume.ts';

/** A seed is some kilobytes; one may hold a few files more. */
const MOST_BYTES = 16 * 2 ** 20;

/** The files of a seed, as they are there. */
export interface OldSeed {
  readonly files: readonly NamedFile[];
  /** Those that plow gave the guest. */
  readonly hostKeys: HostKeys | undefined;
}

/** What a guest is handed anew. */
export interface NewSeed {
  readonly bytes: Uint8Array;
  /** Public halves, as the metadata have them; undefined: as they were. */
  readonly hostKeys: readonly string[] | undefined;
  /** Whether the guest's sshd has the keys that it had. */
  readonly keepsHostKeys: boolean;
}

/** @returns undefined where it cannot be read as one @throws HypervisorError */
export async function readOldSeed(
  pool: Pool,
  file: string,
  context: VmContext,
): Promise<OldSeed | undefined> {
  using found = await lookAt(pool, file, context);
  // The error of a stream from anything but a file may break the connection.
  if (found?.facts.type !== 'file' || found.facts.capacityBytes > MOST_BYTES) return undefined;
  const bytes = await found.volume.download(MOST_BYTES);
  if (bytes === undefined) return undefined;
  try {
    const files = Array.from(readIso(bytes), ([name, content]) => ({ name, bytes: content }));
    const userData = files.find(({ name }) => name === 'user-data');
    const hostKeys = userData && readHostKeys(new TextDecoder().decode(userData.bytes));
    return { files, hostKeys };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The same seed for a new instance: all else stays, the host keys too. */
export function renewedSeed({ files, hostKeys }: OldSeed, name: string, { now }: VmContext): NewSeed {
  const createdAt = now();
  const others = files.filter((file) => file.name !== 'meta-data');
  const before = files.find((file) => file.name === 'meta-data');
  const text = renewedMetaData(new TextDecoder().decode(before?.bytes), name, createdAt);
  const metaData = { name: 'meta-data', bytes: new TextEncoder().encode(text) };
  const bytes = writeIso({ volumeId: SEED_VOLUME_ID, files: [...others, metaData], createdAt });
  return { bytes, hostKeys: undefined, keepsHostKeys: hostKeys !== undefined };
}

/**
 * The seed of a file, for a new instance, with the host keys that the guest has as far as plow made them.
 * @throws PlowError (operation) where the file says nothing to cloud-init
 */
export function seedOfFile(machine: Machine, old: OldSeed | undefined, context: VmContext): NewSeed {
  const createdAt = context.now();
  const wantsKeys = machine.provisioning?.sshHostKeys === true;
  const hostKeys = wantsKeys ? (old?.hostKeys ?? openSshKeys(context.newKeyPairs())) : undefined;
  const artefacts = artefactsOf(machine, { createdAt, hostKeys });
  if (artefacts?.kind !== 'seed')
    throw new PlowError('operation', `the file of VM '${machine.name}' says nothing to cloud-init`);
  const bytes = writeIso({ volumeId: artefacts.volumeId, files: artefacts.files, createdAt });
  return {
    bytes,
    hostKeys: hostKeys === undefined ? [] : [hostKeys.ed25519.publicKey, hostKeys.ecdsa.publicKey],
    keepsHostKeys: hostKeys !== undefined && hostKeys === old?.hostKeys,
  };
}
