import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import { imagesLockOption } from '../../options/images-lock.ts';
import { OUTSIDE_FILES_OPTION } from '../../options/outside-files.ts';
import type { OutsideFiles } from '../../options/outside-files.ts';
import { SET_OPTION } from '../../options/set.ts';
import type { CommandRecord } from '../../record/command.ts';
import { YAML_FILES } from '../../record/yaml-files.ts';
import { areSeveral } from '../../run/hosts/several.ts';
import { leniently, placesOf } from '../../settings/places.ts';
import { vmFileReader } from '../../settings/vm-files.ts';

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
        'ask the hypervisor too, as create does: bridges, images, names and addresses in use, also on the other hosts of the settings; so do --host and --all-hosts',
    },
    SET_OPTION,
    OUTSIDE_FILES_OPTION,
    imagesLockOption('beside the VM file'),
    outputOption(),
    quietOption('output'),
  ],
  notes: `Names, IP and MAC addresses must differ between the files. Of a directory the files *.yaml and *.yml
in it are checked. Ends with 0 when all are valid, warnings or not.
--on-host changes nothing, but may start a storage pool for a moment, to see what is in a directory.
Of --host hv1,hv2, --host label:prod and --all-hosts every host is asked about every file, at the same time.`,
  examples: [
    'plow validate vm.yaml',
    'plow validate vms/',
    'plow export web | plow validate -',
    'plow validate --set name=web-3 web.yaml',
    'plow validate --quiet vms/ && plow create --if-not-exists vms/',
    'plow validate --on-host vms/*.yaml',
    'plow validate --host hv1 vms/*.yaml',
    'plow validate --on-host --host hv1,hv2 vms/',
    'plow validate --allow-outside-files vms/*.yaml    # with ssh_keys: [{ file: ../keys/team.pub }] in them',
    'plow validate --images-lock ../images.lock vms/*.yaml',
    `plow validate -o json vms/*.yaml | jq -r '.mistakes[] | "\\(.file):\\(.line): \\(.message)"'`,
  ],
  async run({ args: [files], options: given, globals, environment }) {
    const { onHost = false, output, quiet = false } = given;
    const host = onHost || globals.host !== undefined || globals.allHosts !== undefined;
    const options = { ...given, host, json: output === 'json', quiet };
    const needs = host ? 'a place for VMs' : 'everything';
    const places = await placesOf(globals, environment, needs);
    const reader = vmFileReader(places.usual, given, true);
    if (!host) {
      const usual = { ...places.usual, at: leniently(places) };
      return (await import('./run.ts')).runValidate(files, { ...options, reader }, usual, environment);
    }
    const { addressGuards } = await import('../../run/address-guard.ts');
    const { askedHosts, placed } = await import('./asked-hosts.ts');
    const { all, hostsOf } = await askedHosts(files, places, reader);
    const guarded = { ...options, reader, guardOf: await addressGuards(globals, environment) };
    const [only] = all;
    if (only === undefined) throw new Error('there is one host at least');
    return areSeveral(all)
      ? (await import('./hosts.ts')).runValidateOnHosts(files, guarded, { all, places, hostsOf }, environment)
      : (await import('./run.ts')).runValidate(files, guarded, placed(only, places), environment);
  },
};
