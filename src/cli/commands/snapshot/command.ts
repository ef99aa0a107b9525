import { PlowError } from '../../../errors/plow-error.ts';
import { quote } from '../../../text/quote.ts';
import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import { checkVmName } from '../../options/vm-name.ts';
import type { CommandRecord } from '../../record/command.ts';
import { settingsOf } from '../../settings/settings.ts';

type Action = 'create' | 'list' | 'show' | 'revert' | 'delete';

interface Options extends OutputFormat {
  readonly description?: string;
  readonly ifExists?: boolean;
  readonly ifMissing?: boolean;
  readonly yes?: boolean;
  readonly quiet?: boolean;
}

/** What may stand in the name of a file, and in a line of a shell. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/u;

export const snapshot: CommandRecord<readonly [Action, string, string | undefined], Options> = {
  name: 'snapshot',
  about: 'keep the disks of a VM as they are now, and go back to them',
  args: [
    {
      usage: '<create|list|show|revert|delete>',
      about: 'what to do',
      choices: ['create', 'list', 'show', 'revert', 'delete'],
    },
    { usage: '<vm-name>', about: 'name or UUID of a VM that plow made', completes: { kind: 'vms' } },
    { usage: '[snapshot]', about: 'name of the snapshot; create makes one of the time' },
  ],
  options: [
    { flags: '--description <text>', about: 'of create: what it is for' },
    { flags: '--if-missing', about: 'of create: a snapshot of that name which is there already is no error' },
    { flags: '--if-exists', about: 'of delete: a snapshot that does not exist is no error' },
    { flags: '-y, --yes', about: 'of revert: do not ask for confirmation' },
    outputOption('text for people, or one document for programs'),
    quietOption('output'),
  ],
  notes: `create freezes the disks of a VM, which runs or not, and its UEFI variables; the VM goes on in new
files. With a guest agent the guest holds its file systems still meanwhile; else its disks are as
after a power cut. revert loses what was written since; a VM that runs is forced off and started
again. Memory, CPUs and the like stay as they are now. On a terminal revert asks first, elsewhere
not. delete removes the files that neither the VM, nor another snapshot, nor another VM stands on.
list says of each snapshot whether the VM can go back to it, and why not.`,
  examples: [
    'plow snapshot create my-vm',
    'plow snapshot create --description "before the upgrade" my-vm before-upgrade',
    'plow snapshot create --if-missing my-vm before-upgrade',
    'plow snapshot list my-vm',
    'plow snapshot show my-vm before-upgrade',
    'plow snapshot revert --yes my-vm before-upgrade',
    'plow snapshot delete --quiet my-vm before-upgrade',
    'plow snapshot delete --if-exists my-vm before-upgrade',
    "plow snapshot list -o json my-vm | jq -r '.snapshots[] | select(.revertible) | .name'",
  ],
  async run({ args: [action, vm, name], options, globals, environment }) {
    checkVmName('snapshot', vm);
    checkWords(action, name, options);
    const { runSnapshot } = await import('./run.ts');
    const settings = await settingsOf(globals, environment, 'the connection');
    const { description, ifExists = false, ifMissing = false, yes = false, quiet, output } = options;
    const format = quiet === true ? 'quiet' : output;
    const words = { description, ifExists, ifMissing };
    const asked = {
      action,
      vm,
      snapshot: name,
      ...words,
      mayAsk: !yes && format !== 'json',
      format,
    } as const;
    await runSnapshot(asked, settings, environment);
    return 0;
  },
};

/** @throws PlowError (config) */
function checkWords(
  action: Action,
  name: string | undefined,
  { description, ifExists, ifMissing, yes }: Options,
): void {
  if (action === 'list' && name !== undefined)
    throw new PlowError('config', 'snapshot list shows all snapshots of a VM', {
      hint: 'plow snapshot show shows one',
    });
  if (name === undefined && action !== 'list' && action !== 'create')
    throw new PlowError('config', `snapshot ${action} wants the name of a snapshot`, {
      hint: 'plow snapshot list shows those there are',
    });
  if (name !== undefined && action === 'create' && !NAME.test(name))
    throw new PlowError('config', `${quote(name)} cannot be the name of a snapshot`, {
      hint: 'it takes letters, digits, dots, hyphens and underscores, at most 64',
    });
  if (description !== undefined && action !== 'create')
    throw new PlowError('config', '--description goes with snapshot create');
  if (ifMissing === true && action !== 'create')
    throw new PlowError('config', '--if-missing goes with snapshot create');
  if (ifExists === true && action !== 'delete')
    throw new PlowError('config', '--if-exists goes with snapshot delete');
  if (yes === true && action !== 'revert') throw new PlowError('config', '--yes goes with snapshot revert');
}
