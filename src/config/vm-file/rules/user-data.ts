import { oncePerText } from '../../values/key-file.ts';
import { showFile } from '../../yaml/mistake.ts';
import { valueAt } from '../../yaml/raw-value.ts';
import { readYaml } from '../../yaml/tree.ts';
import type { YamlTree } from '../../yaml/tree.ts';

/**
 * First lines by which cloud-init knows a document.
 * https://cloudinit.readthedocs.io/en/latest/explanation/format.html
 */
const KINDS =
  /^(?:#!|#cloud-(?:config|config-archive|config-jsonp|boothook)\b|#include(?:-once)?\b|#part-handler\b|## template: ?jinja\b|Content-Type: |MIME-Version: )/u;

/** The keys of a cloud-config document that each key of `cloud_init`, or of `provisioning`, stands for. */
const STANDS_FOR: Readonly<Record<string, readonly string[]>> = {
  fqdn: ['hostname', 'fqdn', 'manage_etc_hosts'],
  ssh_keys: ['users', 'disable_root'],
  root_password_hash: ['users', 'disable_root', 'chpasswd'],
  users: ['users'],
  login_user: ['users', 'disable_root'],
  ssh_pwauth: ['ssh_pwauth'],
  timezone: ['timezone'],
  packages: ['packages'],
  write_files: ['write_files'],
  runcmd: ['runcmd'],
  console_autologin: ['write_files', 'runcmd'],
  ssh_host_keys: ['ssh_keys', 'ssh_deletekeys', 'ssh_genkeytypes'],
};

/** A key that no document has: to try whether one can be added. */
const PROBE = 'plow-probe';

function isCloudConfig(text: string): boolean {
  return /^#cloud-config\s*$/mu.test(text.split('\n', 1)[0] ?? '');
}

/** Keys of `cloud_init` that plow has to add to a document. */
function keysToAdd(section: unknown): readonly string[] {
  return Object.keys(STANDS_FOR).filter((key) => {
    const value = valueAt(section, key);
    if (key === 'ssh_host_keys') return value === true;
    return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null;
  });
}

/**
 * What is wrong with a user-data document of the user's own beside the rest of `cloud_init`. Texts of it are
 * not repeated.
 */
export function userDataMistakes(file: string, text: string, section: unknown): readonly string[] {
  const added = keysToAdd(section);
  if (!KINDS.test(text)) {
    return [
      'does not begin as cloud-init wants it: with #cloud-config, or #! for a script, as its very first line',
    ];
  }
  if (!isCloudConfig(text)) {
    return added.length === 0
      ? []
      : [
          `is not a #cloud-config document, so plow cannot add ${added.join(', ')} to it: remove them here, or say it there`,
        ];
  }
  return cloudConfigMistakes(file, text, added);
}

/** What a document says of host keys itself, and so has the last word; undefined where it says nothing. */
export const ownHostKeys = oncePerText((text: string): string | undefined => {
  if (!isCloudConfig(text)) return undefined;
  const { root } = readYaml(text);
  return STANDS_FOR['ssh_host_keys']?.find((twin) => root.children.has(twin));
});

/** Whether plow can add host keys to a document. */
export const canHaveHostKeys = oncePerText(
  (text: string): boolean => userDataMistakes('', text, { ssh_host_keys: true }).length === 0,
);

/** `line:column` */
function placeOf(tree: YamlTree, offset = 0): string {
  const { line, column } = tree.position(offset);
  return `${line}:${column}`;
}

function cloudConfigMistakes(file: string, text: string, added: readonly string[]): readonly string[] {
  const tree = readYaml(text);
  const { root } = tree;
  const [broken] = tree.syntax;
  if (broken !== undefined) {
    return [`${showFile(file)}:${placeOf(tree, broken.offset)}: ${broken.text}`];
  }
  if (root.value === null) return [];
  if (typeof root.value !== 'object' || Array.isArray(root.value)) return ['must hold a map of keys'];
  const conflicts = added.flatMap((key) =>
    (STANDS_FOR[key] ?? []).flatMap((twin) => {
      const place = root.children.get(twin);
      if (place === undefined) return [];
      return [
        `${showFile(file)}:${placeOf(tree, place.key?.offset)} sets ${twin}, and so does ${key} here: keep one of them`,
      ];
    }),
  );
  if (conflicts.length > 0 || added.length === 0) return conflicts;
  const probe = readYaml(`${text}\n${PROBE}: 1\n`);
  return probe.syntax.length === 0 &&
    probe.root.children.size === root.children.size + 1 &&
    probe.root.children.has(PROBE)
    ? []
    : [
        `plow cannot add ${added.join(', ')} at its end: write its keys one below the other, at the left edge, without "..." after them`,
      ];
}
