import { Option } from 'commander';
import { completes, YAML_FILES } from './completions.ts';
import type { Completer } from './completions.ts';

const URIS = ['qemu:///system', 'qemu:///session', 'qemu+ssh://'].map((word) => ({ word }));

export interface GlobalOption {
  readonly flags: string;
  readonly about: string;
  /** Variables that say the same, the first that is set counts. */
  readonly variables: readonly string[];
  /** In words. */
  readonly byDefault: string;
  readonly choices?: readonly string[];
  readonly completer?: Completer;
}

/** Options that every command takes. */
export const GLOBAL_OPTIONS: readonly GlobalOption[] = [
  {
    flags: '--config <file>',
    about: 'settings file',
    variables: ['PLOW_CONFIG'],
    byDefault: '~/.config/plow/config.yaml, else /etc/plow/config.yaml',
    completer: YAML_FILES,
  },
  {
    flags: '-c, --connect <uri>',
    about: 'hypervisor',
    variables: ['PLOW_CONNECT', 'LIBVIRT_DEFAULT_URI'],
    byDefault: 'qemu:///system',
    completer: { kind: 'words', words: () => URIS },
  },
  {
    flags: '--storage-path <dir>',
    about: 'where VM directories are made',
    variables: ['PLOW_STORAGE_PATH'],
    byDefault: '/var/lib/libvirt/images',
    completer: { kind: 'directories' },
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
      "show libvirt's calls, with when and about what, all its own words for errors, and how long steps took",
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
] as const;

export function toOption({ flags, about, variables, byDefault, choices, completer }: GlobalOption): Option {
  const known = variables.length === 0 ? '' : ` (${variables.join(', ')}; default: ${byDefault})`;
  const option = new Option(flags, about + known);
  if (choices !== undefined) option.choices(choices);
  return completer === undefined ? option : completes(option, completer);
}
