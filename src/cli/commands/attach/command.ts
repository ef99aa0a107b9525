import { InvalidArgumentError } from 'commander';
import { deviceMistake } from '../../../config/values/names.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import { diskGibOf } from '../../options/sizes.ts';
import { checkVmName } from '../../options/vm-name.ts';
import type { ArgumentRecord, Call, CommandRecord } from '../../record/command.ts';
import { settingsOf } from '../../settings/settings.ts';
import type { Device } from './run.ts';

interface Options extends OutputFormat {
  readonly quiet?: boolean;
}

interface AttachOptions extends Options {
  /** GiB. */
  readonly size?: number;
  readonly target?: string;
}

const WHAT: ArgumentRecord = { usage: '<disk>', about: 'what', choices: ['disk'] };
const VM_NAME: ArgumentRecord = {
  usage: '<vm-name>',
  about: 'name or UUID of the VM',
  completes: { kind: 'vms' },
};

const USUAL = [outputOption('text for people, or a JSON document'), quietOption('output')] as const;

export const attach: CommandRecord<readonly ['disk', string], AttachOptions> = {
  name: 'attach',
  about: 'give a VM one more disk, while it runs or not',
  args: [WHAT, VM_NAME],
  options: [
    { flags: '--size <gib>', about: 'its size in GiB', parse: diskGibOf },
    { flags: '--target <device>', about: 'vdb to vdz (default: the first that is free)', parse: targetOf },
    ...USUAL,
  ],
  notes: `The disk is empty, and a file in the directory of the VM, which destroy removes. Only VMs that
plow made have such a directory.`,
  examples: [
    'plow attach disk my-vm --size 20',
    'plow attach disk my-vm --size 200 --target vdc',
    'plow attach disk -o json my-vm --size 20 | jq -r .status',
    'plow attach disk --quiet my-vm --size 20',
  ],
  run: (call) => {
    const { size: sizeGib, target } = call.options;
    if (sizeGib === undefined) throw new PlowError('config', 'attach disk wants --size, in GiB');
    return runIt(call, call.args[1], { action: 'attach', sizeGib, target });
  },
};

export const detach: CommandRecord<readonly ['disk', string, string], Options> = {
  name: 'detach',
  about: 'take a data disk from a VM; its file stays',
  args: [WHAT, VM_NAME, { usage: '<target>', about: 'the disk, such as vdb' }],
  options: USUAL,
  notes: `Unmount it in the guest first. A guest that runs has to let it go; one that does not has it until its
next start. The file stays where it is, and is no part of the VM any more: destroy leaves it.`,
  examples: [
    'plow detach disk my-vm vdb',
    'plow detach disk -o json my-vm vdb | jq -r .status',
    'plow detach disk --quiet my-vm vdb',
  ],
  run: (call) => runIt(call, call.args[1], { action: 'detach', target: call.args[2] }),
};

function targetOf(text: string): string {
  const mistake = deviceMistake(text);
  if (mistake === undefined) return text;
  throw new InvalidArgumentError('expected a device from vdb to vdz.');
}

async function runIt(
  { options, globals, environment }: Pick<Call<never, Options>, 'options' | 'globals' | 'environment'>,
  name: string,
  device: Device,
): Promise<number> {
  checkVmName(device.action, name);
  const { runAttach } = await import('./run.ts');
  const settings = await settingsOf(globals, environment, 'the connection');
  const format = options.quiet === true ? 'quiet' : options.output;
  await runAttach(device, name, format, settings, environment);
  return 0;
}
