import { PlowError } from '../../../errors/plow-error.ts';
import { quote } from '../../../text/quote.ts';
import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import { namesAnd, SELECTION_OPTIONS, selectionOf } from '../../options/selection.ts';
import type { SelectionOptions } from '../../options/selection.ts';
import type { CommandRecord } from '../../record/command.ts';
import { allSettingsOf, onlyOne } from '../../settings/settings.ts';

type Action = 'create' | 'list' | 'show' | 'revert' | 'delete';

interface Options extends OutputFormat, SelectionOptions {
  readonly description?: string;
  readonly ifExists?: boolean;
  readonly ifMissing?: boolean;
  readonly yes?: boolean;
  readonly quiet?: boolean;
}

/** What may stand in the name of a file, and in a line of a shell. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/u;

export const snapshot: CommandRecord<readonly [Action, readonly string[]], Options> = {
  name: 'snapshot',
  about: 'keep the disks of VMs as they are now, and go back to them',
  args: [
    {
      usage: '<create|list|show|revert|delete>',
      about: 'what to do',
      choices: ['create', 'list', 'show', 'revert', 'delete'],
    },
    namesAnd(
      '[snapshot]',
      'its name; list takes none, and create of one VM makes one of the time',
      ([action]) => action !== 'list',
    ),
  ],
  options: [
    ...SELECTION_OPTIONS,
    { flags: '--description <text>', about: 'of create: what it is for' },
    { flags: '--if-missing', about: 'of create: a snapshot of that name which is there already is no error' },
    { flags: '--if-exists', about: 'of delete: a snapshot that does not exist is no error' },
    { flags: '-y, --yes', about: 'of revert and delete: do not ask for confirmation' },
    outputOption('text for people, or a JSON document for each VM'),
    quietOption('output'),
  ],
  notes: `create freezes the disks of a VM, which runs or not, and its UEFI variables; the VM goes on in new
files. With a guest agent the guest holds its file systems still meanwhile; else its disks are as
after a power cut. revert loses what was written since; a VM that runs is forced off and started
again. Memory, CPUs and the like stay as they are now. delete removes the files that neither the VM,
nor another snapshot, nor another VM stands on. list says of each snapshot whether the VM can go back
to it, and why not.

Snapshots of several VMs are taken each at its own moment, at most 4 VMs at the same time. On a
terminal revert asks first, and delete where it is about several VMs. Elsewhere nobody is asked: VMs
that are meant by a pattern, --tag or --all go back with --yes only.`,
  examples: [
    'plow snapshot create my-vm',
    'plow snapshot create --description "before the upgrade" my-vm before-upgrade',
    'plow snapshot create --if-missing my-vm before-upgrade',
    "plow snapshot create 'web-*' before-upgrade",
    'plow snapshot create --tag db nightly',
    'plow snapshot list my-vm',
    'plow snapshot list --all',
    'plow snapshot show my-vm before-upgrade',
    'plow snapshot revert --yes my-vm before-upgrade',
    'plow snapshot delete --quiet my-vm before-upgrade',
    'plow snapshot delete --if-exists my-vm before-upgrade',
    "plow snapshot list -o json my-vm | jq -r '.snapshots[] | select(.revertible) | .name'",
  ],
  async run({ args: [action, words], options, globals, environment }) {
    checkOptions(action, options);
    const { names, name } = split(action, words, options);
    const selection = selectionOf('snapshot', names, options);
    const { description, ifExists = false, ifMissing = false, yes = false, quiet, output } = options;
    const format = quiet === true ? 'quiet' : output;
    const all = await allSettingsOf(globals, environment, 'the connection');
    if (action === 'list' || action === 'show') {
      const { runSnapshotLook } = await import('./look.ts');
      await runSnapshotLook({ selection, snapshot: name, format }, onlyOne(all), environment);
      return 0;
    }
    const { runSnapshotChange, nameOf } = await import('./run.ts');
    const change =
      action === 'create'
        ? { action, description, ifMissing }
        : action === 'delete'
          ? { action, ifExists }
          : { action };
    const given = { isLastWord: name !== undefined, snapshot: name ?? nameOf(new Date()) };
    await runSnapshotChange({ change, selection, ...given, mayAsk: !yes, format }, all, environment);
    return 0;
  },
};

/**
 * The last word is the name of the snapshot: of two or more, or behind --all and --tag.
 * @throws PlowError (config)
 */
function split(
  action: Action,
  words: readonly string[],
  { all = false, tag = [] }: Options,
): { readonly names: readonly string[]; readonly name: string | undefined } {
  const mayEndWithIt = all || tag.length > 0 ? words.length > 0 : words.length > 1;
  const name = action === 'list' || !mayEndWithIt ? undefined : words.at(-1);
  if (name === undefined && action !== 'list' && action !== 'create')
    throw new PlowError('config', `snapshot ${action} wants the name of a snapshot at the end`, {
      hint: 'plow snapshot list shows those there are',
    });
  if (name !== undefined && action === 'create' && !NAME.test(name))
    throw new PlowError('config', `${quote(name)} cannot be the name of a snapshot`, {
      hint: 'it takes letters, digits, dots, hyphens and underscores, at most 64',
    });
  return { names: name === undefined ? words : words.slice(0, -1), name };
}

/** @throws PlowError (config) */
function checkOptions(action: Action, { description, ifExists, ifMissing, yes }: Options): void {
  if (description !== undefined && action !== 'create')
    throw new PlowError('config', '--description goes with snapshot create');
  if (ifMissing === true && action !== 'create')
    throw new PlowError('config', '--if-missing goes with snapshot create');
  if (ifExists === true && action !== 'delete')
    throw new PlowError('config', '--if-exists goes with snapshot delete');
  if (yes === true && action !== 'revert' && action !== 'delete')
    throw new PlowError('config', '--yes goes with snapshot revert and delete');
}
