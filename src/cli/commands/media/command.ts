import { mediumMistake } from '../../../config/values/media.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import { selectionOf } from '../../options/selection.ts';
import type { CommandRecord } from '../../record/command.ts';
import { allSettingsOf } from '../../settings/settings.ts';
import type { MediaOrder } from './run.ts';

interface Options extends OutputFormat {
  readonly quiet?: boolean;
  readonly force?: boolean;
}

type Args = readonly ['eject' | 'insert', string, string | undefined];

export const media: CommandRecord<Args, Options> = {
  name: 'media',
  about: "take an ISO out of a VM's drive, or put one in, while it runs or not",
  summary: "eject an ISO from a VM's drive, or insert one",
  args: [
    { usage: '<eject|insert>', about: 'what to do', choices: ['eject', 'insert'] },
    {
      usage: '<vm-name>',
      about: "name or UUID of a VM, or a pattern in quotes: 'web-*'",
      completes: { kind: 'vms' },
    },
    {
      usage: '[iso]',
      about:
        'of insert: path of the ISO on the hypervisor, its name there, or a file of this machine from ./, ../ or ~/ on (default: what was in the drive last)',
    },
  ],
  options: [
    { flags: '--force', about: 'of a VM that runs: although its guest has the tray locked' },
    outputOption('text for people, or a JSON document for each VM'),
    quietOption('output'),
  ],
  notes: `The drive is that of cdrom in the VM file; the seed is never taken for it. The ISO is in a directory of images
(image_dirs), stays as it is and where it is, and its owner keeps it. One of this machine is brought there first, once
for however many VMs, as create --upload does. The change holds for the VM that runs and for its
next start alike. A guest that has mounted an ISO has the tray locked: eject it there first.`,
  examples: [
    'plow media eject my-vm',
    'plow media insert my-vm /var/lib/libvirt/images/debian-13.iso',
    'plow media insert my-vm debian-13-netinst    # one that plow image pull or import has brought',
    'plow media insert my-vm ./drivers.iso        # of this machine',
    'plow media insert my-vm',
    'plow media eject --force my-vm',
    'plow media eject -o json my-vm | jq -r .status',
    'plow media eject --quiet my-vm',
  ],
  async run({ args: [action, name, image], options, globals, environment }) {
    const order = orderOf(action, image, options.force === true);
    const selection = selectionOf('media', [name], {});
    const { runMedia } = await import('./run.ts');
    const all = await allSettingsOf(globals, environment, 'the connection');
    const format = options.quiet === true ? 'quiet' : options.output;
    await runMedia(order, selection, format, all, environment);
    return 0;
  },
};

/** @throws PlowError (config) */
function orderOf(action: Args[0], image: string | undefined, isForced: boolean): MediaOrder {
  if (action === 'eject' && image !== undefined)
    throw new PlowError('config', 'media eject takes the name of a VM, and no ISO: there is one drive');
  const mistake = image === undefined ? undefined : mediumMistake(image);
  if (mistake !== undefined) throw new PlowError('config', `media insert: the ISO ${mistake}`);
  return { action, image, isForced };
}
