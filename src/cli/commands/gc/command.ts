import { durationMs } from '../../options/duration.ts';
import { outputOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import type { CommandRecord } from '../../record/command.ts';
import { settingsOf } from '../../settings/settings.ts';

interface Options extends OutputFormat {
  readonly delete?: boolean;
  /** Milliseconds. */
  readonly olderThan?: number;
  readonly notShared?: boolean;
  readonly yes?: boolean;
}

/** A create that copies the largest of images takes less, and so does somebody who moves a VM by hand. */
const REST_MS = 24 * 3_600_000;

export const gc: CommandRecord<readonly [], Options> = {
  name: 'gc',
  about: 'show what no VM owns any more: directories, pools, NVRAM, dead creates; --delete removes it',
  summary: 'show and remove what no VM owns any more',
  args: [],
  options: [
    { flags: '--delete', about: "remove what is proven to be plow's" },
    {
      flags: '--older-than <duration>',
      about: 'leave alone what is younger: 90s, 2h, 0 (default: 24h)',
      parse: durationMs,
    },
    {
      flags: '--not-shared',
      about: 'no other hypervisor has VMs below the storage path',
    },
    { flags: '-y, --yes', about: 'do not ask for confirmation' },
    outputOption('text for people, or a JSON document for each thing'),
  ],
  notes: `Looks below the storage path, at pools and at NVRAM files, and shows what is left over with its
size and reason. Nothing is changed without --delete.

A directory is removed where the seed in it proves that plow made it for a VM of that name, no such
VM exists, no other VM stands on its files, and nobody touched them for 24 hours. Anything else
is shown and stays. Creates that are incomplete for 24 hours are dead, and so are uploads of images.

--delete also ends VMs, whatever --older-than says: it stops one whose lease has ended, forced off
after 5 seconds, and plow undelete brings it back for 24 hours; and it removes one that was destroyed
with --undo-within, with its disks, once that time is over.

On a terminal it asks before it removes anything; elsewhere it removes only with --yes.`,
  examples: [
    'plow gc',
    'plow gc --delete',
    'plow gc --delete --yes --older-than 2h',
    'plow gc --delete --not-shared',
    'plow gc -o json | jq -r \'select(.status == "found") | .what\'',
  ],
  async run({ options, globals, environment }) {
    const { olderThan: restMs = REST_MS, notShared = false, yes = false, output } = options;
    const { runGc } = await import('./run.ts');
    const settings = await settingsOf(globals, environment, 'a place for VMs');
    const how = {
      restMs,
      notShared,
      isSure: yes,
      removes: options.delete === true,
      isJson: output === 'json',
    };
    await runGc(how, settings, environment);
    return 0;
  },
};
