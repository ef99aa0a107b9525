import type { CommandRecord } from '../../record/command.ts';
import { settingsOf } from '../../settings/settings.ts';

interface Options {
  readonly force?: boolean;
}

export const screenshot: CommandRecord<readonly [string, string | undefined], Options> = {
  name: 'screenshot',
  about: 'write a picture of what the screen of a VM shows into a file',
  args: [
    { usage: '<vm-name>', about: 'name of the VM', completes: { kind: 'vms' } },
    {
      usage: '[file]',
      about: 'the file; - is standard output (default: my-vm.png)',
      completes: { kind: 'files', endings: ['.png', '.ppm'] },
    },
  ],
  options: [{ flags: '--force', about: 'overwrite a file that is there' }],
  notes: `It is PNG; of a hypervisor with a QEMU before 7.1 it is PPM, and the file is called my-vm.ppm.

The VM needs a screen (vnc in its file), and nobody need look at it.`,
  examples: [
    'plow screenshot my-vm',
    'plow screenshot --force my-vm now.png',
    'plow screenshot my-vm - | display',
  ],
  async run({ args: [name, file], options, globals, environment }) {
    const { runScreenshot } = await import('./run.ts');
    const settings = await settingsOf(globals, environment, 'the connection');
    await runScreenshot(name, { file, force: options.force === true }, settings, environment);
    return 0;
  },
};
