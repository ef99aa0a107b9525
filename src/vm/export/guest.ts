import { posix } from 'node:path';
import { seedValues } from '../../config/draft/seed-section.ts';
import type { SeedSection } from '../../config/draft/seed-section.ts';
import type { ConfigPath, SeedBus } from '../../config/machine.ts';
import { isSeedFile } from '../../config/vm-paths.ts';
import type { Evidence } from './evidence.ts';
import { fromConfig } from './ignition/from-config.ts';
import { Words } from './piece.ts';
import type { Piece } from './piece.ts';

const BUSES: readonly SeedBus[] = ['scsi', 'virtio', 'sata'];

/** What cloud-init is told, or Ignition. @param name of the VM in the file */
export function guestPiece(evidence: Evidence, name: string): Piece {
  const words = new Words();
  const config = fromConfig(evidence, name, words);
  if (config !== undefined)
    return { values: { provisioning: config }, remarks: words.remarks, rest: words.rest };
  const section = fromSeed(evidence, name, words) ?? fromMetadata(evidence, words);
  const values = section === undefined ? {} : seedValues(section);
  return {
    values,
    remarks: words.remarks.map(({ path, text }) => ({ path: pathIn(values, path), text })),
    rest: words.rest,
  };
}

/** Where a key of `cloud_init` stands. */
function pathIn({ provisioning }: Piece['values'], path: ConfigPath): ConfigPath {
  if (provisioning === undefined || path[0] !== 'cloud_init') return path;
  return path[1] === 'bus' ? ['provisioning', ...path] : ['provisioning', ...path.slice(1)];
}

function fromSeed(evidence: Evidence, name: string, words: Words): SeedSection | undefined {
  const { seed, metadata } = evidence;
  if (seed === undefined) return undefined;
  const { guest, hostname, keysOfDefaultUser, unread } = seed.facts;
  const usual = (guest.fqdn ?? name).split('.')[0];
  if (hostname !== undefined && hostname.toLowerCase() !== usual)
    words.rest.push(
      `the host name is '${hostname}'; plow takes the first part of fqdn, else the name of the VM`,
    );
  if (keysOfDefaultUser)
    words.at(['cloud_init', 'ssh_keys'], "they were for the image's own user; plow's are root's");
  if (metadata !== undefined && metadata.declared.provisioning === undefined)
    words.at(['cloud_init'], 'plow made the VM without a seed');
  words.rest.push(...unread);
  return { ...guest, ssh_host_keys: hostKeysOf(evidence), bus: busOf(seed.target, evidence, words) };
}

/** Said where plow made none: it makes some by default. */
function hostKeysOf({ metadata }: Evidence): false | undefined {
  return metadata?.declared.provisioning?.sshHostKeys?.length === 0 ? false : undefined;
}

function busOf(target: string, { facts }: Evidence, words: Words): SeedBus {
  const bus = facts.disks.find((disk) => disk.target === target)?.bus;
  const known = BUSES.find((one) => one === bus);
  if (known !== undefined) return known;
  words.at(['cloud_init', 'bus'], `bus: the seed is on ${bus ?? 'no bus'}, which plow has not`);
  return 'scsi';
}

/** What is left of a seed that is gone. */
function fromMetadata(
  { metadata, facts, volumes, unreadable }: Evidence,
  words: Words,
): SeedSection | undefined {
  const made = metadata?.declared.provisioning;
  if (made?.format !== 'cloud-init') return undefined;
  const seed = facts.disks.find(({ source }) => isSeedFile(posix.basename(source ?? '')));
  const volume = seed && volumes.get(seed.target);
  const reason = seed && (unreadable.get(seed.target) ?? (typeof volume === 'string' ? volume : undefined));
  words.at(
    ['cloud_init'],
    `the seed cannot be read (${reason ?? 'it is no drive of the VM any more'}): keys, passwords and what else stands in it are missing`,
  );
  return {
    fqdn: made.fqdn,
    ssh_pwauth: made.sshPasswordAuth ?? false,
    ssh_host_keys: made.sshHostKeys?.length === 0 ? false : undefined,
    bus: BUSES.find((one) => one === made.bus),
  };
}
