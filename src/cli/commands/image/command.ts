import { PlowError } from '../../../errors/plow-error.ts';
import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import type { Candidate, CommandRecord } from '../../record/command.ts';
import { knownImages } from '../../settings/images.ts';
import { allSettingsOf, onlyOne } from '../../settings/settings.ts';

type ImageAction = 'pull' | 'list' | 'catalog' | 'verify' | 'remove' | 'prune';

interface Options extends OutputFormat {
  readonly name?: string;
  readonly checksum?: string;
  readonly imageVersion?: string;
  readonly insecure?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly quiet?: boolean;
}

async function catalogWords(): Promise<readonly Candidate[]> {
  const { catalogOf } = await import('../../../images/catalog/from-settings.ts');
  return catalogOf().map(({ name, description }) => ({ word: name, about: description }));
}

const OF_PULL = ['name', 'checksum', 'imageVersion', 'insecure', 'dryRun'] as const;
/** They come with the name of the catalog. */
const OF_URL = ['name', 'checksum', 'imageVersion'] as const;

export const image: CommandRecord<readonly [ImageAction, readonly string[]], Options> = {
  name: 'image',
  about: 'bring base images from the web to hypervisors, with proof, and list and remove them',
  summary: 'bring base images from the web, list and remove them',
  args: [
    {
      usage: '<pull|list|catalog|verify|remove|prune>',
      about: 'what to do',
      choices: ['pull', 'list', 'catalog', 'verify', 'remove', 'prune'],
    },
    {
      usage: '[image...]',
      about: 'of pull a name of the catalog, or a URL; of verify and remove NAME, NAME@VERSION or sha256:...',
      completes: { kind: 'words', words: catalogWords },
    },
  ],
  options: [
    { flags: '--name <name>', about: 'of pull URL: what the image is called from now on' },
    {
      flags: '--checksum <digest>',
      about: 'of pull URL: sha256:... or sha512:... of the file as it is downloaded',
    },
    {
      flags: '--image-version <version>',
      about: "of pull URL: the publisher's build (default: of the digest)",
    },
    { flags: '--insecure', about: 'of pull: without a checksum; the image is marked for ever' },
    { flags: '--dry-run', about: 'of pull: say what would be pulled, and download nothing' },
    { flags: '-y, --yes', about: 'of remove and prune: do not ask for confirmation' },
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

A file that was published is never written to again: a newer build is another file. verify reads one
back and compares. remove takes away what no VM stands on, be it made by plow or not; prune does so
with what is not the newest of its name, and lists it first; in a pipe it removes with --yes only.`,
  examples: [
    'plow image pull https://example.com/debian-12.qcow2 --name debian-12 --checksum sha256:5f2c...',
    'plow image pull https://example.com/disk.raw.xz --name appliance --image-version 2.1 --insecure',
    'plow image pull --quiet debian-12',
    'plow --host hv1 image pull https://example.com/a.qcow2 --name a --checksum sha256:5f2c...',
    'plow image catalog',
    'plow image pull debian-12',
    'plow image pull --dry-run debian-12 fedora-43',
    'plow image list',
    "plow image list -o json | jq -r 'select(.used_by == []) | .path'",
    'plow image verify debian-12',
    'plow image remove debian-12@20260712-2537',
    'plow image prune --yes',
  ],
  async run({ args: [action, words], options, globals, environment }) {
    checkOptions(action, words, options);
    const format = options.quiet === true ? 'quiet' : options.output;
    if (action === 'catalog') {
      const { runImageCatalog } = await import('./catalog.ts');
      await runImageCatalog(format, await knownImages(globals, environment), environment);
      return 0;
    }
    const all = await allSettingsOf(globals, environment, 'a place for VMs');
    if (action === 'list') {
      const { runImageList } = await import('./list.ts');
      await runImageList(format, onlyOne(all), environment);
    } else if (action === 'verify') {
      const { runImageVerify } = await import('./verify.ts');
      await runImageVerify(words, format, onlyOne(all), environment);
    } else if (action === 'prune') {
      const { runImagePrune } = await import('./remove.ts');
      await runImagePrune({ format, isSure: options.yes === true }, onlyOne(all), environment);
    } else if (action === 'remove') {
      const { runImageRemove } = await import('./remove.ts');
      await runImageRemove(words, { format, isSure: options.yes === true }, onlyOne(all), environment);
    } else {
      const { runImagePull } = await import('./pull.ts');
      const known = await knownImages(globals, environment);
      await runImagePull(words, { ...options, format, known }, onlyOne(all), environment);
    }
    return 0;
  },
};

/** @throws PlowError (config) */
function checkOptions(action: ImageAction, words: readonly string[], options: Options): void {
  const wrong = OF_PULL.find((name) => options[name] !== undefined);
  if (action !== 'pull' && wrong !== undefined)
    throw new PlowError('config', `image ${action} takes no ${FLAGS[wrong]}`);
  const ofUrl = OF_URL.find((name) => options[name] !== undefined);
  if (action === 'pull' && ofUrl !== undefined && words.some((word) => !word.includes('://')))
    throw new PlowError('config', `${FLAGS[ofUrl]} goes with a URL: the catalog has it of its names`);
  if (action === 'pull' && ofUrl !== undefined && words.length > 1)
    throw new PlowError('config', `${FLAGS[ofUrl]} goes with one URL`);
  const takesNames = ['pull', 'verify', 'remove'].includes(action);
  if (!takesNames && words.length > 0)
    throw new PlowError('config', `image ${action} takes no names: it lists all there are`);
  if (takesNames && words.length === 0)
    throw new PlowError(
      'config',
      `image ${action} wants ${action === 'pull' ? 'a name or a URL' : 'the name of an image'}`,
      {
        hint: 'plow image --help has examples',
      },
    );
}

const FLAGS: Readonly<Record<(typeof OF_PULL)[number], string>> = {
  name: '--name',
  checksum: '--checksum',
  imageVersion: '--image-version',
  insecure: '--insecure',
  dryRun: '--dry-run',
};
