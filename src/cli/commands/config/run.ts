import { label } from '../../../config/yaml/mistake.ts';
import type { ConfigPath } from '../../../config/machine.ts';
import type { SettingsFile } from '../../../config/settings/load.ts';
import { withoutPassword } from '../../../text/secrets.ts';
import type { ConfigDocument } from '../../../documents/config-schema.ts';
import { jsonDocument } from '../../../documents/json-text.ts';
import { printable } from '../../../text/printable.ts';
import { renderTable } from '../../../terminal/table.ts';
import type { Column } from '../../../terminal/table.ts';
import type { Environment } from '../../environment.ts';
import { settingsFileOf } from '../../settings/files.ts';
import { settingsOfHost } from '../../../config/settings/host.ts';
import { libvirtConf } from '../../settings/libvirt-conf-file.ts';
import { namedHosts } from '../../settings/hosts.ts';
import { givenSettings, variablesFor } from '../../settings/settings.ts';
import type { GlobalOptions } from '../../record/command.ts';
import type { Given } from '../../settings/values.ts';

type Row = ConfigDocument['settings'][number];

const COLUMNS: readonly Column<Row>[] = [
  { title: 'SETTING', text: ({ name }) => printable(name) },
  { title: 'FROM', text: ({ from }) => printable(from) },
  { title: 'VALUE', text: ({ value }) => printable(value ?? '-') },
];

const DEFAULTS = ['dns_servers', 'gateways', 'ssh_keys', 'bridge', 'mode', 'cpu_mode'] as const;

/** `plow config` @throws PlowError (config) */
export async function runConfig(
  { json }: { readonly json: boolean },
  options: GlobalOptions,
  environment: Environment,
): Promise<void> {
  const { variables, output } = environment;
  const file = await settingsFileOf(options, environment);
  const named = namedHosts(options, variables, file);
  const [name, ...others] = named?.names ?? [];
  const isOne = name !== undefined && others.length === 0;
  const own = file !== undefined && isOne ? settingsOfHost(file, name) : file;
  const conf = await libvirtConf(environment);
  const given = givenSettings(
    options,
    file !== undefined && isOne ? variablesFor(name, file, variables) : variables,
    own,
    conf,
  );
  const { uri, storagePath, imageDirs, virtType } = given;
  const rows = [
    row('config', { value: file?.file, from: sourceOfFile(options, variables) }),
    ...(named === undefined ? [] : [row('host', { value: named.names.join(','), from: named.from })]),
    row('connect', { ...uri, value: withoutPassword(uri.value) }),
    row('storage_path', storagePath),
    ...rowsOf(['image_dirs'], imageDirs.value, imageDirs.from === 'default' ? undefined : own),
    ...rowsOf(['share_dirs'], own?.values.share_dirs, own),
    row('virt_type', virtType),
    ...rowsOf(['file_roots'], file?.values.file_roots, file),
    ...DEFAULTS.flatMap((key) => rowsOf(['defaults', key], own?.values.defaults?.[key], own)),
    ...hostRows(file),
    ...(file?.values.images === undefined ? [] : rowsOf(['images'], file.values.images, file)),
  ];
  if (json) output.print(jsonDocument({ settings: rows }, 'indented'));
  else for (const line of renderTable(COLUMNS, rows).lines) output.print(line);
}

/** Of each host that has a name what it says itself. */
function hostRows(file: SettingsFile | undefined): readonly Row[] {
  return file?.values.hosts === undefined ? [] : rowsOf(['hosts'], withoutPasswords(file.values.hosts), file);
}

function withoutPasswords(hosts: NonNullable<SettingsFile['values']['hosts']>): object {
  const shownHosts = Object.entries(hosts).map(([name, host]) => [
    name,
    { ...host, connect: withoutPassword(host.connect) },
  ]);
  const result: Readonly<Record<string, unknown>> = Object.fromEntries(shownHosts);
  return result;
}

function row(name: string, { value, from }: Given<string | undefined>): Row {
  return { name, value: value ?? null, from };
}

function sourceOfFile({ config }: GlobalOptions, { PLOW_CONFIG: named }: Environment['variables']): string {
  if (config !== undefined) return 'flag --config';
  return named ? 'variable PLOW_CONFIG' : 'default';
}

/** A row for each item of a list or map. */
function rowsOf(path: ConfigPath, value: unknown, file: SettingsFile | undefined): readonly Row[] {
  const items = typeof value === 'object' && value !== null ? Object.entries(value) : undefined;
  if (items !== undefined && items.length > 0) {
    const index = (key: string): string | number => (Array.isArray(value) ? Number(key) : key);
    return items.flatMap(([key, item]) => rowsOf([...path, index(key)], item, file));
  }
  const from = value === undefined || file === undefined ? 'default' : file.whereIs(path);
  return [row(label(path), { value: value === undefined ? undefined : shown(value), from })];
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
