import { PlowError } from '../../../errors/plow-error.ts';
import { someTimeMs } from '../../options/duration.ts';
import { forceAddressOption } from '../../options/force-address.ts';
import { imagesLockOption } from '../../options/images-lock.ts';
import { memoryMibOf } from '../../options/sizes.ts';
import { outputOption, quietOption } from '../../options/output.ts';
import type { Candidate, CommandRecord } from '../../record/command.ts';
import { ACTIONS } from './actions.ts';
import type { ImageAction, ImageActionRecord, ImageOptions } from './actions.ts';
import { isUrl } from './web/wanted-word.ts';

const NAMES = Object.keys(ACTIONS);

async function catalogWords(): Promise<readonly Candidate[]> {
  const { catalogOf } = await import('../../../images/catalog/from-settings.ts');
  return catalogOf().map(({ name, description }) => ({ word: name, about: description }));
}

/** They come with the name of the catalog. */
const OF_URL = ['name', 'checksum', 'imageVersion'] as const;

export const image: CommandRecord<readonly [ImageAction, readonly string[]], ImageOptions> = {
  name: 'image',
  about: 'bring base images from the web to hypervisors, with proof, and list and remove them',
  summary: 'bring base images from the web, list and remove them',
  args: [
    {
      usage: '<action>',
      about: 'what to do',
      choices: NAMES,
    },
    {
      usage: '[image...]',
      about:
        'of pull a name of the catalog, NAME@VERSION of a lock, or a URL; of update names; of import a file; of copy, verify, gate, export and remove NAME, NAME@VERSION or sha256:...',
      completes: { kind: 'words', words: catalogWords },
    },
  ],
  options: [
    { flags: '--name <name>', about: 'of pull URL and import: what the image is called from now on' },
    {
      flags: '--checksum <digest>',
      about: 'of pull URL and import: sha256:... or sha512:... of the file as it is downloaded',
    },
    {
      flags: '--image-version <version>',
      about: "of pull URL and import: the publisher's build (default: of the digest)",
    },
    { flags: '--insecure', about: 'of pull: without a checksum; the image is marked for ever' },
    {
      flags: '--from <host>',
      about: 'of copy: the hypervisor that has it, by its name in the settings file (default: as --host)',
      completes: { kind: 'hosts' },
    },
    {
      flags: '--to <hosts>',
      about: 'of copy: those that are to have it: hv2, hv2,hv3, label:prod',
      completes: { kind: 'hosts' },
    },
    { flags: '--dry-run', about: 'of pull and update: say what would be pulled, and download nothing' },
    {
      flags: '--check',
      about: 'of update: end with 1 where the lock is behind; nothing is written, and no hypervisor asked',
      conflicts: ['dryRun'],
    },
    imagesLockOption('in this directory; of update and pull NAME@VERSION'),
    { flags: '-y, --yes', about: 'of remove and prune: do not ask for confirmation' },
    {
      flags: '--gate',
      about: 'of update: only what passes a throw-away boot as of gate comes into the lock',
      conflicts: ['dryRun', 'check'],
    },
    {
      flags: '--ip <address/prefix>',
      about: 'of gate and --gate: the address that the guest takes, and nobody has',
    },
    { flags: '--bridge <name>', about: 'of gate: bridge of the hypervisor (default: of the settings)' },
    { flags: '--gateway <address>', about: 'of gate: its gateway (default: of the settings)' },
    { flags: '--memory <gib>', about: 'of gate: memory of the VM in GiB (default: 2)', parse: memoryMibOf },
    {
      flags: '--firmware <firmware>',
      about: 'of gate: what it boots with (default: what the image needs)',
      choices: ['uefi', 'bios'],
    },
    {
      flags: '--timeout <duration>',
      about: 'of gate: how long its boot may take: 90s, 10m (default: 5m)',
      parse: someTimeMs,
    },
    { flags: '--keep', about: 'of gate: leave the VM there, to be looked at' },
    forceAddressOption('of gate: an IP or a MAC address'),
    outputOption('text for people, or a JSON document for each image'),
    quietOption('output'),
  ],
  notes: `catalog lists what can be pulled by name: where its publisher tells of the newest build, and how that is
proven. images: in the settings file has more of them, and names the keys that must have signed them.

pull has one stream go from the web through hash and decoder (.xz, .gz, .zst) into a file on the
hypervisor, in plow.images below the storage path; nothing of it is written on this machine. The first
bytes are written last, when every digest agrees: until then nobody can take the file for an image.
A line that breaks is gone on with. HTTPS_PROXY, HTTP_PROXY and NO_PROXY count. An image that says
that it stands on another file, or is none, is refused as soon as its first bytes are there.

With --host hv1,hv2, --host label:prod or --all-hosts an image is downloaded once and sent to each of
them (a name of the catalog once for each architecture); the slowest sets the pace. A host that fails
drops out, the others go on. copy does the same with an image of one hypervisor, --from or as --host
says, and its record; what arrives must have the digest that was proven when it was pulled.

import does the same with a file of this machine, packed or not. Who has the file vouches for it: it
needs no checksum, and its digest is recorded.

export brings an image back into a file of this machine, called as it is there unless a name stands
behind its own. It has that name only once all of it is there and its digest is the recorded one; a file
that is there already is never written to. Zeros take up no room in it.

A file that was published is never written to again: a newer build is another file. verify reads one
back and compares. gate boots one in a throw-away VM, which has to read its seed, answer at its static
address, let an ssh key in, and shut down by ACPI; what came of it stays in the image's record.

remove takes away what no VM stands on, be it made by plow or not; prune does so with what is not the
newest of its name, and with what was not pulled to its end a day ago, and lists it first; in a pipe it
removes with --yes only. outdated lists VMs whose base is not the newest of its name there; some or
none, it ends with 0.

update has names mean the newest builds of their publishers in images.lock, all that it has or those
given: each is pulled first, and with --gate boots as of gate, and is then written there, with its
digest. create takes what the lock beside a VM file says, by digest, and pull NAME@VERSION brings it.`,
  examples: [
    'plow image pull https://example.com/debian-12.qcow2 --name debian-12 --checksum sha256:5f2c...',
    'plow image pull https://example.com/disk.raw.xz --name appliance --image-version 2.1 --insecure',
    'plow image pull --quiet debian-12',
    'plow --host hv1 image pull https://example.com/a.qcow2 --name a --checksum sha256:5f2c...',
    'plow image catalog',
    'plow image pull debian-12',
    'plow image pull --dry-run debian-12 fedora-43',
    'plow image import ./appliance.qcow2 --name appliance --image-version 2.1',
    'plow --host label:prod image pull debian-12',
    'plow image copy debian-12 --from hv1 --to hv2,hv3',
    'plow image list',
    "plow image list -o json | jq -r 'select(.used_by == []) | .path'",
    'plow image outdated',
    'plow image outdated -o json | jq -r .vm',
    'plow image verify debian-12',
    'plow image export debian-12 ./debian-12.qcow2',
    'plow image gate debian-12 --bridge br0 --ip 10.0.0.250/24 --gateway 10.0.0.1',
    'plow image gate appliance --ip 10.0.0.250/24 --firmware bios --memory 1 --timeout 10m --keep',
    'plow image gate debian-12 --ip 10.0.0.250/24 --force-address   # used by a VM of another network',
    'plow image remove debian-12@20260712-2537',
    'plow image prune --yes',
    'plow image update debian-12                 # begins images.lock, or moves the name in it',
    'plow image update --gate --bridge br0 --ip 10.0.0.250/24 --gateway 10.0.0.1',
    'plow image update --dry-run',
    'plow image update --check                   # in CI',
    'plow image pull debian-12@20260712-2537     # that images.lock has',
    'plow image pull --images-lock vms/images.lock debian-12@20260712-2537',
  ],
  async run({ args: [action, words], options, globals, environment }) {
    const known: ImageActionRecord = ACTIONS[action];
    assertOptions(action, known, options);
    assertWords(action, known, words, options);
    const format = options.quiet === true ? 'quiet' : options.output;
    await known.run({ words, options, format, globals, environment });
    return 0;
  },
};

/** Options that some take, and others not. */
const OWN = [...new Set(Object.values(ACTIONS).flatMap(({ options }) => options))];

/** @throws PlowError (config) */
function assertOptions(
  action: ImageAction,
  { options: own }: ImageActionRecord,
  options: ImageOptions,
): void {
  const wrong = OWN.find((name) => options[name] !== undefined && !own.includes(name));
  if (wrong !== undefined) throw new PlowError('config', `image ${action} takes no ${flagOf(wrong)}`);
}

/** @throws PlowError (config) */
function assertWords(
  action: ImageAction,
  { wants, isContent = false }: ImageActionRecord,
  words: readonly string[],
  options: ImageOptions,
): void {
  if (wants === undefined && words.length > 0)
    throw new PlowError('config', `image ${action} takes no names: it lists all there are`);
  if (wants !== undefined && words.length === 0 && !isContent)
    throw new PlowError('config', `image ${action} wants ${wants}`, {
      hint: 'plow image --help has examples',
    });
  const ofUrl = OF_URL.find((name) => options[name] !== undefined);
  if (action !== 'pull' || ofUrl === undefined) return;
  if (!words.every(isUrl))
    throw new PlowError('config', `${flagOf(ofUrl)} goes with a URL: the catalog has it of its names`);
  if (words.length > 1) throw new PlowError('config', `${flagOf(ofUrl)} goes with one URL`);
}

/** `--image-version`, of `imageVersion` */
function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)}`;
}
