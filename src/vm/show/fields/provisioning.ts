import type { ProvisioningFormat } from '../../../config/machine.ts';
import { provisioningFileOf } from '../../../config/vm-paths.ts';
import type { DeclaredProvisioning } from '../../../libvirt-xml/metadata/declared.ts';
import type { IgnitionDetails, SeedDetails, VmDetails } from '../details.ts';
import { json, jsonOrNull, oneOf, partsOrNull, words } from './field.ts';
import type { Key, Line, VmField } from './field.ts';

const FORMATS: Readonly<Record<ProvisioningFormat, string>> = {
  'cloud-init': 'Cloud-init',
  ignition: 'Ignition',
};

const NAMES: readonly Key<DeclaredProvisioning>[] = [
  { key: 'fqdn', json: jsonOrNull('string', ({ fqdn }) => fqdn) },
  { key: 'hostname', json: jsonOrNull('string', ({ hostname }) => hostname) },
  { key: 'ssh_pwauth', json: jsonOrNull('boolean', ({ sshPasswordAuth }) => sshPasswordAuth) },
];

const HOST_KEYS: Key<DeclaredProvisioning> = {
  key: 'host_keys_known',
  json: json('boolean', knowsHostKeys, "whether plow made those of the guest's sshd, for plow ssh"),
};

const CLOUD_INIT: readonly Key<DeclaredProvisioning>[] = [
  ...NAMES,
  { key: 'bus', json: jsonOrNull('string', ({ bus }) => bus) },
  HOST_KEYS,
];

const PROVISIONING: readonly Key<DeclaredProvisioning>[] = [
  { key: 'format', json: oneOf(Object.keys(FORMATS), ({ format }) => format) },
  ...NAMES,
  { key: 'ssh_user', json: jsonOrNull('string', ({ sshUser }) => sshUser, 'whom plow ssh logs in as') },
  HOST_KEYS,
];

function knowsHostKeys({ sshHostKeys = [] }: DeclaredProvisioning): boolean {
  return sshHostKeys.length > 0;
}

/** What sets up the guest, as plow made it. */
export const PROVISIONING_FIELDS: readonly VmField[] = [
  {
    key: 'cloud_init',
    declared: partsOrNull(
      CLOUD_INIT,
      ({ provisioning }) => (provisioning?.format === 'cloud-init' ? provisioning : undefined),
      'null: it was made without a seed; what else the seed holds is nowhere but there',
    ),
  },
  {
    key: 'provisioning',
    declared: partsOrNull(
      PROVISIONING,
      ({ provisioning }) => provisioning,
      'null: nothing sets up its guest; what else the guest is told stands in its seed or config only',
    ),
    declaredLines: ({ provisioning }) => [
      provisioning === undefined
        ? [FORMATS['cloud-init'], 'none']
        : [FORMATS[provisioning.format], guestText(provisioning)],
    ],
  },
];

const SEED: readonly Key<SeedDetails>[] = [
  { key: 'path', json: json('string', ({ path }) => path) },
  { key: 'exists', json: jsonOrNull('boolean', ({ exists }) => exists, 'null where it cannot be told') },
];

const IGNITION: readonly Key<IgnitionDetails>[] = [
  { key: 'path', json: json('string', ({ path }) => path) },
  {
    key: 'fw_cfg_name',
    json: jsonOrNull(
      'string',
      ({ name }) => name,
      'by which the guest finds it; null: its firmware hands it on no more',
    ),
  },
  { key: 'exists', json: jsonOrNull('boolean', ({ exists }) => exists, 'null where it cannot be told') },
];

/** Where what the guest is told lies. */
export const PROVISIONING_FILE_FIELDS: readonly VmField[] = [
  {
    key: 'seed',
    json: partsOrNull(SEED, ({ own }) => own?.seed, 'of a VM that plow made with one'),
    lines: (details) => [['Seed', seedText(details)]],
  },
  {
    key: 'ignition_config',
    json: partsOrNull(IGNITION, ({ ignition }) => ignition, 'what Ignition in the guest reads'),
    lines: ({ ignition }) => ignitionLines(ignition),
    compare: ({ made, directory = '', stored, live }) => ({
      declared: made && ignitionOf(made.provisioning, directory),
      stored: stored.ignition?.file ?? null,
      live: live && (live.ignition?.file ?? null),
    }),
    word: 'Ignition config',
  },
];

function ignitionOf(guest: DeclaredProvisioning | undefined, directory: string): string | null {
  return guest?.format === 'ignition' ? `${directory}/${provisioningFileOf(guest)}` : null;
}

function seedText({ own, ignition }: VmDetails): string | undefined {
  if (own?.seed !== undefined) return pathText(own.seed);
  return own === undefined || ignition !== undefined ? undefined : 'none';
}

function ignitionLines(ignition: IgnitionDetails | undefined): readonly Line[] {
  if (ignition === undefined) return [];
  const { name } = ignition;
  const how = name === undefined ? 'which its firmware hands on no more' : `by ${name}`;
  return [['Ignition', `${pathText(ignition)}, ${how}`]];
}

function pathText({ path, exists }: SeedDetails): string {
  return exists === undefined ? path : `${path} (${exists ? 'there' : 'missing'})`;
}

function guestText(declared: DeclaredProvisioning): string {
  const { fqdn, hostname, sshPasswordAuth, bus, sshUser } = declared;
  return words(
    (fqdn ?? hostname) && `host ${fqdn ?? hostname}`,
    sshPasswordAuth === undefined ? undefined : `password logins ${sshPasswordAuth ? 'on' : 'off'}`,
    bus && `seed on ${bus}`,
    sshUser === undefined || sshUser === 'root' ? undefined : `logins as ${sshUser}`,
    knowsHostKeys(declared) ? undefined : 'host keys that plow ssh does not know',
  );
}
