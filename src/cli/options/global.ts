import type { OptionRecord } from '../record/command.ts';
import { YAML_FILES } from '../record/yaml-files.ts';

const URIS = ['qemu:///system', 'qemu:///session', 'qemu+ssh://'].map((word) => ({ word }));

export interface GlobalOption extends OptionRecord {
  /** Variables that say the same, the first that is set counts. */
  readonly variables: readonly string[];
  /** In words. */
  readonly byDefault: string;
}

/** Options that every command takes. */
export const GLOBAL_OPTIONS: readonly GlobalOption[] = [
  {
    flags: '--config <file>',
    about: 'settings file',
    variables: ['PLOW_CONFIG'],
    byDefault: '~/.config/plow/config.yaml, else /etc/plow/config.yaml',
    completes: YAML_FILES,
  },
  {
    flags: '-c, --connect <uri>',
    about: 'hypervisor',
    variables: ['PLOW_CONNECT', 'LIBVIRT_DEFAULT_URI'],
    byDefault: 'uri_default of libvirt.conf, else qemu:///system',
    completes: { kind: 'words', words: () => URIS },
  },
  {
    flags: '--host <names>',
    about: 'hypervisors by name in the settings file: hv1, hv1,hv2, label:prod',
    variables: ['PLOW_HOST'],
    byDefault: 'host of the settings file',
    completes: { kind: 'hosts' },
  },
  {
    flags: '--all-hosts',
    about: 'all hypervisors of the settings file that are enabled',
    variables: [],
    byDefault: 'off',
  },
  {
    flags: '--storage-path <dir>',
    about: 'where VM directories are made',
    variables: ['PLOW_STORAGE_PATH'],
    byDefault: '/var/lib/libvirt/images; of a session ~/.local/share/libvirt/images',
    completes: { kind: 'directories' },
  },
  {
    flags: '--color <when>',
    about: 'colours: auto, always or never',
    variables: ['NO_COLOR'],
    byDefault: 'auto: in a terminal',
    choices: ['auto', 'always', 'never'],
  },
  {
    flags: '--verbose',
    about:
      "print each call of libvirt with its time and object, libvirt's own errors, and how long each step took",
    variables: [],
    byDefault: 'off',
  },
];

/** Variables that no option stands for. */
export const OTHER_VARIABLES = [
  {
    name: 'PLOW_VIRT_TYPE',
    about: 'kvm or qemu, for files that say no virt_type',
    byDefault: 'what the hypervisor can do',
  },
  { name: 'XDG_CONFIG_HOME', about: 'where plow/config.yaml is looked for', byDefault: '~/.config' },
  {
    name: 'XDG_STATE_HOME',
    about: 'where plow remembers, in plow/, what it says once to a user',
    byDefault: '~/.local/state',
  },
  { name: 'XDG_DATA_HOME', about: 'where libvirt/images of a session lies', byDefault: '~/.local/share' },
] as const;

/** Options of the program as its help has them, each with its variables and its default. */
export const GLOBAL_PROGRAM_OPTIONS: readonly OptionRecord[] = GLOBAL_OPTIONS.map(withDefault);

export const HELP_OPTION: OptionRecord = { flags: '-h, --help', about: 'show help' };
export const VERSION_OPTION: OptionRecord = { flags: '-V, --version', about: 'print the version' };

function withDefault({ variables, byDefault, about, ...option }: GlobalOption): OptionRecord {
  const known = variables.length === 0 ? '' : ` (${variables.join(', ')}; default: ${byDefault})`;
  return { ...option, about: about + known };
}
