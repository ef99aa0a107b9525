import { imagesLockOption } from '../../options/images-lock.ts';
import { OUTSIDE_FILES_OPTION } from '../../options/outside-files.ts';
import type { OutsideFiles } from '../../options/outside-files.ts';
import { SET_OPTION } from '../../options/set.ts';
import type { CommandRecord } from '../../record/command.ts';
import { YAML_FILES } from '../../record/yaml-files.ts';
import { leniently, placesOf } from '../../settings/places.ts';
import { vmFileReader } from '../../settings/vm-files.ts';

const FORMATS = ['yaml', 'json'] as const;

interface Options extends OutsideFiles {
  readonly output: (typeof FORMATS)[number];
}

export const render: CommandRecord<readonly [readonly string[]], Options> = {
  name: 'render',
  about: 'print VM files as they are with what they extend, --set, and a VM for each of their rows',
  summary: 'print what VM files come to, written out',
  args: [
    {
      usage: '<file...>',
      about: 'VM configurations; directories of them; - for standard input',
      completes: YAML_FILES,
    },
  ],
  options: [
    SET_OPTION,
    OUTSIDE_FILES_OPTION,
    imagesLockOption('beside the VM file'),
    {
      flags: '-o, --output <format>',
      about: 'a YAML document for each VM, or a JSON document on a line of its own',
      choices: FORMATS,
      defaultValue: 'yaml',
    },
  ],
  notes: `What is printed is a VM file, which makes the same VMs. Defaults are not in it, and files that it
names are named, not read into it. Their paths are relative to the directory of the file that was given.

Mistakes are told as plow validate tells them, with its exit codes. Of a file that cannot be finished nothing
is printed.`,
  examples: [
    'plow render web.yaml',
    'plow render --set name=web-3 --set network_interfaces.0.ip=10.20.30.43/24 web.yaml',
    'plow render vms/ | less',
    `plow render -o json row.yaml | jq -r '.vm.name'`,
    'plow render --allow-outside-files web.yaml   # with extends: ../base.yaml in it',
    'plow render --images-lock ../images.lock web.yaml',
  ],
  async run({ args: [files], options, globals, environment }) {
    const places = await placesOf(globals, environment, 'everything');
    const reader = vmFileReader(places.usual, options, true);
    const { runRender } = await import('./run.ts');
    const usual = { ...places.usual, at: leniently(places) };
    return runRender(files, { output: options.output, reader }, usual, environment);
  },
};
