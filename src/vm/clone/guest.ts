import { seedSection } from '../../config/draft/seed-section.ts';
import type { SeedSection } from '../../config/draft/seed-section.ts';
import { fqdnMistake } from '../../config/values/names.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { Stripped } from './identity.ts';
import { identityKept, ownFileAmong, withoutHostKeys } from './identity.ts';
import { readUserData } from '../../provision/cloud-init/read-user-data.ts';
import type { ExportedVm } from '../export/export-vm.ts';
import type { CloneWish } from './wish.ts';

/** What cloud-init tells the guest of a clone; undefined for a guest that nobody tells anything. */
export interface CloneGuest {
  readonly section: SeedSection | undefined;
  /** A document that the section names. */
  readonly texts: ReadonlyMap<string, string>;
  /** What of it is not as the source has it. */
  readonly changed: readonly string[];
}

/** In a section, for a document that is in no file. */
const DOCUMENT = 'user-data';

/**
 * The seed of the source with the name of the clone in it. All else stays: users, keys, passwords, files.
 * @throws PlowError (operation) where the guest would go on as the source
 */
export function guestOf(exported: ExportedVm, wish: CloneWish): CloneGuest {
  const { domain, evidence, draft, ownUserData } = exported;
  const { name } = domain;
  const made = evidence.metadata?.declared.provisioning;
  if (made?.format === 'ignition' && !wish.keepIdentity)
    throw same(name, 'Ignition acts at the first boot of a disk alone, and its disks have booted');
  if (evidence.seed === undefined) {
    if (made !== undefined && !wish.keepIdentity) throw same(name, 'its seed cannot be read');
    if (!wish.keepIdentity) throw same(name, 'it has no seed of cloud-init, which would tell it otherwise');
    return { section: undefined, texts: new Map(), changed: [] };
  }
  const section = seedSection(draft.values);
  const fqdn = section.fqdn === undefined ? undefined : renamed(section.fqdn, wish.name);
  if (ownUserData === undefined) {
    const kept = ownFileAmong((section.write_files ?? []).map(({ path }) => path));
    if (kept !== undefined && !wish.keepIdentity) throw same(name, kept);
    return { section: { ...section, fqdn }, texts: new Map(), changed: [] };
  }
  const { text } = ownUserData;
  if (text === undefined) throw same(name, 'its user-data is no text');
  const { document, removed } = told(text, name, fqdn, wish);
  const { bus } = section;
  // What was taken out is what kept plow from making some.
  const ssh_host_keys = removed.length > 0 ? undefined : section.ssh_host_keys;
  return {
    section: { user_data: DOCUMENT, ssh_host_keys, bus },
    texts: new Map([[DOCUMENT, document]]),
    changed: removed.map((key) => `${key} of its user-data is not in the clone, which has other host keys`),
  };
}

/** A document of the user's own in which the clone is told who it is. @throws PlowError (operation) */
function told(
  text: string,
  source: string,
  fqdn: string | undefined,
  { name, keepIdentity }: CloneWish,
): Stripped {
  if (readUserData(text) === undefined) {
    if (keepIdentity) return { document: text, removed: [] };
    throw same(source, 'its user-data is a script or the like, of which plow cannot tell what it sets');
  }
  const stripped = withoutHostKeys(withName(text, name, fqdn));
  if (stripped === undefined && !keepIdentity)
    throw same(source, 'its user-data sets its host keys in a way that plow cannot change');
  const { document, removed } = stripped ?? { document: withName(text, name, fqdn), removed: [] };
  const host = readUserData(document)?.hostname;
  const kept =
    host === undefined || host === hostOf(name)
      ? identityKept(document)
      : `it says that it is called '${host}', in a way that plow cannot change`;
  if (kept !== undefined && !keepIdentity) throw same(source, `of its user-data: ${kept}`);
  return { document, removed };
}

/** What is before the first dot of a name. */
function hostOf(name: string): string {
  return name.split('.')[0] ?? name;
}

/** The same domain, unless the name has one itself. */
function renamed(fqdn: string, name: string): string {
  if (fqdnMistake(name) === undefined) return name;
  return [hostOf(name), ...fqdn.split('.').slice(1)].join('.');
}

/** A document of the user's own in which keys at the left edge, if there are such, name the clone. */
function withName(document: string, name: string, fqdn: string | undefined): string {
  return document
    .replace(/^hostname:[ \t]+[^\s#|>&*!].*$/mu, () => `hostname: ${hostOf(name)}`)
    .replace(/^fqdn:[ \t]+[^\s#|>&*!].*$/mu, () => `fqdn: ${fqdn ?? name}`);
}

function same(name: string, why: string): PlowError {
  const words = `a clone of VM '${name}' would have its host name, addresses, host keys or machine id: ${why}`;
  return new PlowError('operation', words, {
    hint: '--keep-identity makes it all the same, and leaves it off: change the guest before both run',
  });
}
