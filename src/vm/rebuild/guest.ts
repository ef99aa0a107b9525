import { posix } from 'node:path';
import type { LoadedMachine, Machine } from '../../config/machine.ts';
import { provisioningFile } from '../../config/vm-paths.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { readDomain } from '../../libvirt-xml/domain/read.ts';
import type { GuestChange } from '../../libvirt-xml/metadata/change.ts';
import { toStored } from '../../libvirt-xml/metadata/stored-vm.ts';
import { readHostKeyFiles } from '../../provision/ignition/host-key-files.ts';
import { openSshKeys } from '../../provision/host-keys/open-ssh.ts';
import { artefactsOf } from '../../provision/provisioner.ts';
import { shellArgument } from '../../text/shell-quote.ts';
import type { VmPlace } from '../create/vm-place.ts';
import { createVolume } from '../create/volumes.ts';
import { explaining } from '../failure.ts';
import { lookAt } from '../storage/find-volume.ts';
import type { OwnVm } from './look.ts';
import { makeSeed, newKeys, seedOf } from './reseed.ts';
import { readOldSeed, renewedSeed, seedOfFile } from './seed.ts';

/** What sets up the guest of a new disk, and the file in whose place that is. */
export interface NewGuest {
  readonly before: string;
  readonly path: string;
  readonly change: GuestChange;
  readonly notes: readonly string[];
}

interface Told {
  readonly loaded: LoadedMachine;
  /** It is the VM's file, which says what the guest is told. */
  readonly isSaid: boolean;
  readonly mark: string;
}

const MOST_CONFIG_BYTES = 4 * 2 ** 20;

/** Path of what sets up the guest; undefined where nothing does. */
export function guestPathOf(vm: Pick<OwnVm, 'stored' | 'metadata'>): string | undefined {
  const format = vm.metadata.declared.provisioning?.format;
  if (format === 'ignition') return readDomain(vm.stored).ignition?.file;
  return format === 'cloud-init' ? seedOf(vm) : undefined;
}

/**
 * Makes the seed of a new instance, or the config of Ignition where a file says another one: a new disk
 * reads the one that is there.
 * @returns undefined where there is nothing new to tell @throws PlowError, HypervisorError, Interrupted
 */
export async function guestOf(vm: OwnVm, told: Told, place: VmPlace): Promise<NewGuest | undefined> {
  const { domain, metadata } = vm;
  const { machine } = told.loaded;
  const made = metadata.declared.provisioning?.format;
  if (told.isSaid && machine.provisioning?.format !== made) {
    const words = `VM '${domain.name}' is not rebuilt: it was made with ${made ?? 'nothing'} to set up its guest, and its file says ${machine.provisioning?.format ?? 'nothing'}`;
    throw new PlowError('operation', words, {
      hint: `plow destroy --keep-data ${shellArgument(domain.name)} and plow create --adopt-data make it anew`,
    });
  }
  if (made === undefined || (made === 'ignition' && !told.isSaid)) return undefined;
  const before = guestPathOf(vm);
  if (before === undefined)
    throw new PlowError(
      'operation',
      `VM '${domain.name}' is not rebuilt: it has no ${made} seed or config any more`,
    );
  return made === 'ignition' ? configOf(before, vm, told, place) : seedFor(before, vm, told, place);
}

async function seedFor(before: string, vm: OwnVm, told: Told, place: VmPlace): Promise<NewGuest> {
  const { name } = vm.domain;
  const { machine } = told.loaded;
  const old = await readOldSeed(place.pool, posix.basename(before), place.context);
  if (old === undefined && !told.isSaid) {
    throw new PlowError('operation', `VM '${name}' is not rebuilt: its seed ${before} cannot be read`, {
      hint: '--file gives the VM file, of which a new one is made',
    });
  }
  const { declared } = vm.metadata;
  const seed =
    told.isSaid || old === undefined
      ? seedOfFile(machine, old, place.context)
      : renewedSeed(old, declared.name, place.context);
  const path = await makeSeed(vm, seed, place, told.mark);
  const { cloudInit, interfaces } = toStored(machine, seed.hostKeys);
  const file = posix.basename(path);
  const change = told.isSaid ? { file, told: cloudInit, interfaces } : { file };
  return { before, path, change, notes: seed.keepsHostKeys ? [] : [newKeys(name, seed)] };
}

async function configOf(before: string, vm: OwnVm, told: Told, place: VmPlace): Promise<NewGuest> {
  const { machine } = told.loaded;
  const { context } = place;
  const old = await readKeys(before, place);
  const wantsKeys = machine.provisioning?.sshHostKeys === true;
  const hostKeys = wantsKeys ? (old ?? openSshKeys(context.newKeyPairs())) : undefined;
  const bytes = bytesOf(machine, { createdAt: context.now(), hostKeys });
  const name = provisioningFile('ignition', told.mark);
  const path = `${vm.metadata.directory}/${name}`;
  const planned = { name, path, format: 'raw', bytes: bytes.length, from: undefined } as const;
  const volume = await createVolume(planned, place);
  await explaining(volume.upload(bytes), 'storage', `cannot upload ${name}`);
  const publicKeys = hostKeys === undefined ? [] : [hostKeys.ed25519.publicKey, hostKeys.ecdsa.publicKey];
  const { provisioning, interfaces } = toStored(machine, publicKeys);
  const keepsHostKeys = hostKeys !== undefined && hostKeys === old;
  const notes = keepsHostKeys ? [] : [newKeys(vm.domain.name, { hostKeys: publicKeys })];
  return { before, path, change: { file: name, told: provisioning, interfaces }, notes };
}

async function readKeys(path: string, { pool, context }: VmPlace) {
  using found = await lookAt(pool, posix.basename(path), context);
  if (found?.facts.type !== 'file') return undefined;
  const bytes = await found.volume.download(MOST_CONFIG_BYTES);
  return bytes && readHostKeyFiles(new TextDecoder().decode(bytes));
}

function bytesOf(machine: Machine, origin: Parameters<typeof artefactsOf>[1]): Uint8Array {
  const artefacts = artefactsOf(machine, origin);
  if (artefacts?.kind !== 'firmware') throw new Error('a config of Ignition is no seed');
  return artefacts.file.bytes;
}
