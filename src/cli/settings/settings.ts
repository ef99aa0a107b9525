import type { FileDefaults } from '../../config/vm-file/fill-in.ts';
import { isPlainUri } from '../../config/files/foreign-file.ts';
import type { VirtType } from '../../config/machine.ts';
import type { SettingsFile } from '../../config/settings/load.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { withoutPassword } from '../../text/secrets.ts';
import type { Environment } from '../environment.ts';
import type { GlobalOptions } from '../record/command.ts';
import { NO_CONF } from '../../config/settings/libvirt-conf.ts';
import type { LibvirtConf } from '../../config/settings/libvirt-conf.ts';
import { libvirtConf } from './libvirt-conf-file.ts';
import { settingsOfHost } from '../../config/settings/host.ts';
import { defaultPlace, SYSTEM_IMAGES } from './default-place.ts';
import { namedFile, settingsFileOf } from './files.ts';
import { ignoresOf } from './ignores.ts';
import type { Ignore } from './ignores.ts';
import { absolute, virtTypeFrom } from './values.ts';
import type { Given } from './values.ts';
import { namedHosts, namesHost } from './hosts.ts';
import type { NamedHosts } from './hosts.ts';

const DEFAULT_URI = 'qemu:///system';

export interface Settings {
  readonly uri: string;
  /** As the settings file calls it; undefined where it was given by its URI. */
  readonly host: string | undefined;
  /** It was asked for as one of several, be it the only one. */
  readonly isOfSeveral: boolean;
  /** Of that host. */
  readonly labels: readonly string[];
  /** The URI is from a file that others than root and the user may have written. */
  readonly isForeignUri: boolean;
  /** Absolute, without a trailing slash. */
  readonly storagePath: string;
  /** Nobody named it, and it is the user's own: it is made where it is missing. */
  readonly makesStoragePath: boolean;
  readonly imageDirs: Given<readonly string[]>;
  readonly shareDirs: Given<readonly string[]>;
  readonly verbose: boolean;
  /** What a file that names no virt_type gets. */
  readonly virtType: VirtType | undefined;
  /** What a file gets for other keys that it leaves out. */
  readonly fill: FileDefaults | undefined;
  /** Directories whose files every VM file may name. */
  readonly fileRoots: readonly string[];
  /** Complaints of doctor that count for nothing. */
  readonly ignores: readonly Ignore[];
}

export interface GivenSettings {
  readonly uri: Given;
  /** Without a value where none was given, and nobody knows one. */
  readonly storagePath: Given<string | undefined>;
  readonly imageDirs: Given<readonly string[]>;
  readonly shareDirs: Given<readonly string[]>;
  readonly virtType: Given<VirtType | undefined>;
}

type Variables = Environment['variables'];

/** What of the settings a command uses. */
export type Needs = 'the connection' | 'everything' | 'a place for VMs';

/**
 * The settings of a command that was given these options. For a command that needs nothing but the connection
 * nothing else is taken from the settings file, and one that nobody named is not even read where the
 * connection is given without it.
 * @throws PlowError (config)
 */
export async function settingsOf(
  options: GlobalOptions,
  environment: Environment,
  needs: Needs,
): Promise<Settings> {
  return onlyOne(await allSettingsOf(options, environment, needs));
}

/** For a command that is about one hypervisor. @throws PlowError (config) where several are meant */
export function onlyOne([settings, second]: readonly Settings[]): Settings {
  if (settings === undefined) throw new Error('there is one host at least');
  if (second === undefined) return settings;
  throw new PlowError('config', 'this command is about one hypervisor, and several are meant', {
    hint: `--host ${settings.host} takes one of them`,
  });
}

/** As settingsOf, of each hypervisor that is meant, one at least. @throws PlowError (config) */
export async function allSettingsOf(
  options: GlobalOptions,
  environment: Environment,
  needs: Needs,
): Promise<readonly Settings[]> {
  const { hosts, byUri, byName } = await knownSettings(options, environment, needs);
  return hosts === undefined ? [byUri()] : hosts.names.map((name) => byName(name, hosts.areSeveral));
}

/** What the options, the variables and the settings file say. */
export interface KnownSettings {
  readonly file: SettingsFile | undefined;
  /** Those that are meant; undefined where none is meant by its name. */
  readonly hosts: NamedHosts | undefined;
  /** @throws PlowError (config) */
  readonly byUri: () => Settings;
  /** Of a host of the file. @throws PlowError (config) */
  readonly byName: (name: string, isOfSeveral: boolean) => Settings;
}

/** @throws PlowError (config) */
export async function knownSettings(
  options: GlobalOptions,
  environment: Environment,
  needs: Needs,
): Promise<KnownSettings> {
  const { variables } = environment;
  const isGiven = givenSettings(options, variables, undefined).uri.from !== 'default';
  const isNeedless =
    needs === 'the connection' &&
    isGiven &&
    !namesHost(options, variables) &&
    namedFile(options, variables) === undefined;
  const file = isNeedless ? undefined : await settingsFileOf(options, environment);
  const needed = needs !== 'the connection' ? file : file && { ...file, values: onlyConnection(file) };
  const hosts = namedHosts(options, variables, needed);
  const conf = await libvirtConf(environment);
  const resolved = (all: Variables, own: SettingsFile | undefined): Settings => {
    if (needs === 'a place for VMs') assertPlace(givenSettings(options, all, own, conf));
    return resolveSettings(options, all, own, conf);
  };
  const byName = (name: string, isOfSeveral: boolean): Settings => {
    if (needed === undefined) throw new Error('a host is named in a file');
    const own = resolved(variablesFor(name, needed, variables), settingsOfHost(needed, name));
    const labels = needed.values.hosts?.[name]?.labels ?? [];
    return { ...own, host: name, isOfSeveral, labels };
  };
  return { file: needed, hosts, byUri: () => resolved(variables, needed), byName };
}

/**
 * Of a host that is meant by its name the file says where it is, and where its VMs lie: variables are for
 * another.
 */
export function variablesFor(host: string, { values }: SettingsFile, variables: Variables): Variables {
  const own = values.hosts?.[host];
  return {
    ...variables,
    PLOW_CONNECT: undefined,
    LIBVIRT_DEFAULT_URI: undefined,
    ...(own?.storage_path === undefined ? {} : { PLOW_STORAGE_PATH: undefined }),
  };
}

/** @throws PlowError (config) */
function assertPlace({ uri, storagePath }: GivenSettings): void {
  if (storagePath.value !== undefined) return;
  const whose = withoutPassword(uri.value);
  throw new PlowError(
    'config',
    `where VMs of ${whose} are to lie is not known here: give a directory of that user with --storage-path`,
  );
}

function onlyConnection({ values: { connect, host, hosts } }: SettingsFile): SettingsFile['values'] {
  const bare = Object.entries(hosts ?? {}).map(([name, { connect: uri, labels, enabled }]) => [
    name,
    { connect: uri, labels, enabled },
  ]);
  return {
    ...(connect === undefined ? {} : { connect }),
    ...(host === undefined ? {} : { host }),
    ...(hosts === undefined ? {} : { hosts: Object.fromEntries(bare) }),
  };
}

/**
 * The flag wins over the variable, the variable over the file, the file over the default.
 * @throws PlowError (config)
 */
export function resolveSettings(
  options: GlobalOptions,
  variables: Variables,
  file?: SettingsFile,
  conf?: LibvirtConf,
): Settings {
  const { uri, storagePath, imageDirs, shareDirs, virtType } = givenSettings(options, variables, file, conf);
  const defaults = file?.values.defaults;
  return {
    uri: uri.value,
    host: undefined,
    isOfSeveral: false,
    labels: [],
    isForeignUri: file?.foreign !== undefined && uri.from === file.whereIs(['connect']),
    storagePath: storagePath.value ?? SYSTEM_IMAGES,
    makesStoragePath: storagePath.from.startsWith('default, '),
    imageDirs,
    shareDirs,
    verbose: options.verbose ?? false,
    virtType: virtType.value,
    fileRoots: file?.values.file_roots ?? [],
    ignores: ignoresOf(file),
    fill: defaults && { values: defaults, whereIs: (path) => file.whereIs(['defaults', ...path]) },
  };
}

/** Every setting with its source. @throws PlowError (config) */
export function givenSettings(
  options: GlobalOptions,
  variables: Variables,
  file: SettingsFile | undefined,
  conf: LibvirtConf = NO_CONF,
): GivenSettings {
  const { connect, storage_path, image_dirs, share_dirs, virt_type } = file?.values ?? {};
  const named =
    flag('--connect', options.connect) ??
    variable('PLOW_CONNECT', variables) ??
    variable('LIBVIRT_DEFAULT_URI', variables) ??
    uriFromFile(connect, file) ??
    fromLibvirt(conf) ??
    byDefault(DEFAULT_URI);
  const uri = { ...named, value: conf.aliases.get(named.value) ?? named.value };
  const place = defaultPlace(uri.value, variables);
  const storagePath: Given<string | undefined> =
    flag('--storage-path', options.storagePath) ??
    variable('PLOW_STORAGE_PATH', variables) ??
    fromFile('storage_path', storage_path, file) ??
    place;
  const virtType =
    virtTypeFrom(variable('PLOW_VIRT_TYPE', variables)) ??
    fromFile('virt_type', virt_type, file) ??
    byDefault(undefined);
  const path = storagePath.value === undefined ? undefined : absolute(storagePath.value, storagePath.from);
  const usual = [path, place.value, SYSTEM_IMAGES].filter((one) => one !== undefined);
  const imageDirs = fromFile('image_dirs', image_dirs, file) ?? byDefault([...new Set(usual)]);
  const shareDirs = fromFile('share_dirs', share_dirs, file) ?? byDefault([]);
  return { uri, storagePath: { ...storagePath, value: path }, imageDirs, shareDirs, virtType };
}

function flag(name: string, value: string | undefined): Given | undefined {
  return value === undefined ? undefined : { value, from: `flag ${name}` };
}

/** One that is empty counts as none. */
function variable(name: string, variables: Variables): Given | undefined {
  const value = variables[name];
  return value === undefined || value === '' ? undefined : { value, from: `variable ${name}` };
}

function fromFile<T>(
  key: string,
  value: T | undefined,
  file: SettingsFile | undefined,
): Given<T> | undefined {
  return value === undefined || file === undefined ? undefined : { value, from: file.whereIs([key]) };
}

/** What virsh would take. */
function fromLibvirt({ uriDefault }: LibvirtConf): Given | undefined {
  return uriDefault === undefined ? undefined : { value: uriDefault, from: 'uri_default of libvirt.conf' };
}

/** What runs programs and reads keys is no matter for a file that others may have written. */
function uriFromFile(uri: string | undefined, file: SettingsFile | undefined): Given | undefined {
  const given = fromFile('connect', uri, file);
  if (given === undefined || file?.foreign === undefined || isPlainUri(given.value)) return given;
  throw new PlowError(
    'config',
    `${given.from}: connect: a URI with parameters or +ext can name programs and keys, and the file ${file.foreign}: give the URI with --connect`,
  );
}

function byDefault<T>(value: T): Given<T> {
  return { value, from: 'default' };
}
