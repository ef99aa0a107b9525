import type { SettingsFile } from '../../config/settings/load.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { didYouMean } from '../../text/nearest.ts';
import { quote } from '../../text/quote.ts';
import type { Environment } from '../environment.ts';
import type { GlobalOptions } from '../record/command.ts';

/** Hosts of the settings file that are meant, and who says so: `flag --host`. */
export interface NamedHosts {
  readonly names: readonly string[];
  /** They were asked for as several, be it that there is one only. */
  readonly areSeveral: boolean;
  readonly from: string;
}

type Variables = Environment['variables'];

/**
 * Undefined where a URI is given, or nothing. A flag wins over PLOW_HOST, that over the variables with a URI,
 * and those over the file.
 * @throws PlowError (config) for hosts that the file does not have, or that are not enabled
 */
export function namedHosts(
  { host, allHosts, connect }: GlobalOptions,
  variables: Variables,
  file: SettingsFile | undefined,
): NamedHosts | undefined {
  if (allHosts === 'if any') {
    const any = enabled(file?.values.hosts ?? {});
    if (any.length > 0 && !variables['PLOW_HOST']) return { names: any, areSeveral: true, from: 'default' };
  }
  if (host !== undefined && allHosts === true)
    throw new PlowError('config', '--host and --all-hosts do not go together');
  const flag = host !== undefined ? '--host' : allHosts === true ? '--all-hosts' : undefined;
  if (flag !== undefined && connect !== undefined)
    throw new PlowError('config', `${flag} and --connect do not go together`);
  if (allHosts === true) {
    const names = enabled(hostsOf(file));
    if (names.length === 0) throw new PlowError('config', '--all-hosts: no host is enabled');
    return { names, areSeveral: true, from: 'flag --all-hosts' };
  }
  if (host !== undefined) return meantBy(host, file, '--host', 'flag --host');
  if (connect !== undefined) return undefined;
  const { PLOW_HOST: named, PLOW_CONNECT: own, LIBVIRT_DEFAULT_URI: default_ } = variables;
  if (named) return meantBy(named, file, 'PLOW_HOST', 'variable PLOW_HOST');
  if (own || default_ || file?.values.host === undefined) return undefined;
  return meantBy(file.values.host, file, 'host', file.whereIs(['host']));
}

/** Whether the command line or a variable says it: then a file is needed to know what is meant. */
export function namesHost({ host, allHosts, connect }: GlobalOptions, { PLOW_HOST }: Variables): boolean {
  return host !== undefined || Boolean(allHosts) || (connect === undefined && Boolean(PLOW_HOST));
}

type Hosts = NonNullable<SettingsFile['values']['hosts']>;

/** @throws PlowError (config) where there are none */
function hostsOf(file: SettingsFile | undefined): Hosts {
  const hosts = file?.values.hosts ?? {};
  if (Object.keys(hosts).length > 0) return hosts;
  const where = file === undefined ? 'there is no settings file' : `${file.file} has none`;
  throw new PlowError('config', `no hosts are known by name: ${where}`, {
    hint: 'hosts: { hv1: { connect: qemu+ssh://root@hv1/system } } in a settings file names one',
  });
}

/** Those that --all-hosts means. */
export function enabled(hosts: Hosts): readonly string[] {
  return Object.keys(hosts).filter((name) => hosts[name]?.enabled !== false);
}

function meantBy(words: string, file: SettingsFile | undefined, source: string, from: string): NamedHosts {
  const areSeveral = words.includes(',') || words.includes('label:');
  return { names: meant(words, file, source), areSeveral, from };
}

/** @param words `hv1,label:prod` @param source of messages */
function meant(words: string, file: SettingsFile | undefined, source: string): readonly string[] {
  const hosts = hostsOf(file);
  const names = words.split(',').flatMap((word) => {
    const wanted = word.trim();
    if (wanted.startsWith('label:')) return labelled(wanted.slice('label:'.length), hosts, source);
    const own = hosts[wanted];
    if (own === undefined || !Object.hasOwn(hosts, wanted)) throw unknownHost(wanted, hosts, source);
    if (own.enabled === false) {
      const message = `${source}: ${quote(wanted)} is not enabled (${file?.whereIs(['hosts', wanted, 'enabled'])})`;
      throw new PlowError('config', message);
    }
    return [wanted];
  });
  return [...new Set(names)];
}

function labelled(label: string, hosts: Hosts, source: string): readonly string[] {
  const names = enabled(hosts).filter((name) => hosts[name]?.labels?.includes(label) === true);
  if (names.length > 0) return names;
  const all = [...new Set(Object.values(hosts).flatMap(({ labels = [] }) => labels))];
  throw new PlowError('config', `${source}: no host has the label ${quote(label)}${didYouMean(label, all)}`);
}

function unknownHost(wanted: string, hosts: Hosts, source: string): PlowError {
  const names = Object.keys(hosts);
  const message = `${source}: there is no host ${quote(wanted)}${didYouMean(wanted, names)}`;
  return new PlowError('config', message, { hint: `known by name: ${names.join(', ')}` });
}
