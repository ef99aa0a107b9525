import { imagesLockOption } from '../../options/images-lock.ts';
import { OUTSIDE_FILES_OPTION } from '../../options/outside-files.ts';
import type { OutsideFiles } from '../../options/outside-files.ts';
import { SET_OPTION } from '../../options/set.ts';
import type { CommandRecord } from '../../record/command.ts';
import { YAML_FILES } from '../../record/yaml-files.ts';
import { placesOf } from '../../settings/places.ts';

const FORMATS = ['text', 'json'] as const;

interface Options extends OutsideFiles {
  readonly output: (typeof FORMATS)[number];
  readonly planOut?: string;
}

export const diff: CommandRecord<readonly [readonly string[]], Options> = {
  name: 'diff',
  about: 'tell in what VMs differ from their files; nothing is changed',
  summary: 'tell in what VMs differ from their files',
  args: [
    {
      usage: '[config.yaml...]',
      about: 'VM files, directories of them, - for standard input (default: the directory you are in)',
      completes: YAML_FILES,
    },
  ],
  options: [
    SET_OPTION,
    {
      flags: '--plan-out <file>',
      about: 'write what was found into a file: plow apply FILE does that, and nothing else',
      completes: { kind: 'files', endings: ['.json'] },
    },
    OUTSIDE_FILES_OPTION,
    imagesLockOption('beside the VM file'),
    {
      flags: '-o, --output <format>',
      about: 'text for people, or a JSON document for each VM',
      choices: FORMATS,
      defaultValue: 'text',
    },
  ],
  notes: `What a file says is compared with what plow made and with what the VM is now. What libvirt fills in
is no difference, nor what the file leaves to the hypervisor. Of what sets up a guest only the keys are named
where they may hold secrets.

Each difference says what it takes: live (the guest notices nothing), reboot (a stop and a start), reseed
(cloud-init runs again), rebuild (a new boot disk), refused (such as a disk that is to shrink). Where the
VM was changed since it was made, or the VM and its file, the line says so.

Exit codes: 0 all are as their files say, 1 some are not, 2 a file is wrong or there is none, 3 no connection,
4 and 5 a VM could not be compared.`,
  examples: [
    'plow diff',
    'plow diff web.yaml',
    'plow diff --set name=web-3 web.yaml',
    'plow diff --plan-out p.json vms/ || plow apply p.json',
    'plow diff vms/ && echo "all as their files say"',
    `plow diff -o json vms/ | jq -r '.name as $vm | .changes[] | [$vm, .what, .verdict] | @tsv'`,
    'plow diff --allow-outside-files web.yaml   # with user_data: ../user-data.yaml in it',
    'plow diff --images-lock ../images.lock vms/   # with image: debian-12 in them',
  ],
  async run({ args: [files], options, globals, environment }) {
    const places = await placesOf(globals, environment, 'the connection');
    const { runDiff } = await import('./run.ts');
    return runDiff(files.length === 0 ? ['.'] : files, options, places, environment);
  },
};
