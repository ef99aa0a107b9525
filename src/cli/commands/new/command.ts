import { PlowError } from '../../../errors/plow-error.ts';
import type { Candidate, CommandRecord, OptionRecord } from '../../record/command.ts';
import { YAML_FILES } from '../../record/yaml-files.ts';
import { placesOf } from '../../settings/places.ts';

interface Options {
  readonly name?: string;
  readonly image?: string;
  readonly vcpus?: string;
  readonly memory?: string;
  readonly disk?: string;
  readonly bridge?: string;
  readonly ip?: string;
  readonly gateway?: string;
  readonly dns?: string;
  readonly user?: string;
  readonly key?: readonly string[];
  readonly file?: string;
  readonly force?: boolean;
  readonly yes?: boolean;
}

const OPTIONS: readonly OptionRecord[] = [
  { flags: '--name <name>', about: 'name of the VM' },
  {
    flags: '--image <image>',
    about: 'base image: a name of plow image pull, a path on the hypervisor, or ./ a file of this machine',
    completes: { kind: 'words', words: imageWords },
  },
  { flags: '--bridge <name>', about: 'bridge of the hypervisor' },
  { flags: '--ip <address/prefix>', about: 'address of the VM' },
  { flags: '--gateway <address>', about: 'its gateway' },
  { flags: '--dns <addresses>', about: 'DNS servers, with commas between them (default: none)' },
  { flags: '--vcpus <count>', about: 'how many CPUs (default: 2)' },
  { flags: '--memory <gib>', about: 'how much memory, in GiB (default: 2)' },
  { flags: '--disk <gib>', about: 'size of the boot disk, in GiB (default: 20, or what the image needs)' },
  { flags: '--user <name>', about: 'who logs in with the keys (default: root; of Ignition core)' },
  {
    flags: '--key <key>',
    about: 'ssh public key, or a file of some, or none; may be repeated',
    parse: (text, before) => [...(Array.isArray(before) ? (before as readonly string[]) : []), text],
    completes: { kind: 'files', endings: ['.pub'] },
  },
  {
    flags: '-f, --file <file>',
    about: 'the file to write, - for standard output (default: NAME.yaml)',
    completes: YAML_FILES,
  },
  { flags: '--force', about: 'overwrite the file' },
  { flags: '-y, --yes', about: 'ask nothing, and take what Enter would take' },
];

export const newVm: CommandRecord<readonly [string | undefined], Options> = {
  name: 'new',
  about: 'write the YAML file of a new VM; asks for what no flag says',
  args: [{ usage: '[vm-name]', about: 'the same as --name' }],
  options: OPTIONS,
  notes: `In a terminal it asks for what no flag says, with what there is: bridges and images of the hypervisor, the
next free address, your ssh keys. It shows the file before it writes it, and Ctrl-C writes nothing. Without a
terminal it asks nothing, and says which flags lack. Nothing is made on the hypervisor: plow create does that.`,
  examples: [
    'plow new',
    'plow new web',
    'plow --host hv1 new web -f vms/web.yaml',
    'plow new --yes web && plow create web.yaml',
    'plow new --name web --image debian-12 --bridge br0 --ip 10.20.30.40/24 --gateway 10.20.30.1 --key ~/.ssh/id_ed25519.pub',
    'plow new web --vcpus 4 --memory 8 --disk 40 --dns 10.20.30.1,9.9.9.9 --user admin',
    'plow new web --force',
  ],
  async run({ args: [word], options, globals, environment, refuse }) {
    const { file, force = false, yes = false, key, name = word, ...others } = options;
    if (word !== undefined && options.name !== undefined) refuse('the name of the VM is given twice');
    const places = await placesOf(globals, environment, 'everything');
    if (places.areSeveral)
      throw new PlowError('config', 'plow new is about one hypervisor, and several are meant', {
        hint: `--host ${places.usual.host} takes one of them`,
      });
    const { runNew } = await import('./run.ts');
    const given = { ...others, name, keys: key };
    const wish = { given, file, isForced: force, isQuiet: yes };
    return runNew(wish, { globals, places, environment });
  },
};

/** Names of images that can be pulled. */
async function imageWords(): Promise<readonly Candidate[]> {
  const { catalogOf } = await import('../../../images/catalog/from-settings.ts');
  return catalogOf().map(({ name, description }) => ({ word: name, about: description }));
}
