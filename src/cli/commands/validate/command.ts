import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import { OUTSIDE_FILES_OPTION } from '../../options/outside-files.ts';
import type { OutsideFiles } from '../../options/outside-files.ts';
import type { CommandRecord } from '../../record/command.ts';
import { YAML_FILES } from '../../record/yaml-files.ts';
import { allSettingsOf, settingsOf } from '../../settings/settings.ts';

interface Options extends OutputFormat, OutsideFiles {
  readonly onHost?: boolean;
  readonly quiet?: boolean;
}

export const validate: CommandRecord<readonly [readonly string[]], Options> = {
  name: 'validate',
  about: 'check YAML files without making anything; each mistake with its line',
  summary: 'check YAML files without making anything',
  args: [
    {
      usage: '<file...>',
      about: 'VM configurations; directories of them; - for standard input',
      completes: YAML_FILES,
    },
  ],
  options: [
    {
      flags: '--on-host',
      about:
        'ask the hypervisor too, as create does: bridges, images, names and addresses in use, also on the other hosts of the settings; so does --host',
    },
    OUTSIDE_FILES_OPTION,
    outputOption(),
    quietOption('output'),
  ],
  notes: `Names, IP and MAC addresses must differ between the files. Of a directory the files *.yaml and *.yml
in it are checked. Ends with 0 when all are valid, warnings or not.
--on-host changes nothing, but may start a storage pool for a moment, to see what is in a directory.`,
  examples: [
    'plow validate vm.yaml',
    'plow validate vms/',
    'plow export web | plow validate -',
    'plow validate --quiet vms/ && plow create --if-not-exists vms/',
    'plow validate --on-host vms/*.yaml',
    'plow validate --host hv1 vms/*.yaml',
    'plow validate --allow-outside-files vms/*.yaml    # with ssh_keys: [{ file: ../keys/team.pub }] in them',
    `plow validate -o json vms/*.yaml | jq -r '.mistakes[] | "\\(.file):\\(.line): \\(.message)"'`,
  ],
  async run({ args: [files], options: given, globals, environment }) {
    const { runValidate } = await import('./run.ts');
    const { onHost = false, output, quiet = false } = given;
    const host = onHost || globals.host !== undefined;
    const options = { ...given, host, json: output === 'json', quiet };
    const settings = host
      ? await settingsOf(globals, environment, 'a place for VMs')
      : (await allSettingsOf(globals, environment, 'everything'))[0];
    if (settings === undefined) throw new Error('there is one host at least');
    if (!host) return runValidate(files, options, settings, environment);
    const { addressGuards } = await import('../../run/address-guard.ts');
    const guard = (await addressGuards(globals, environment))(settings);
    return runValidate(files, { ...options, guard }, settings, environment);
  },
};
