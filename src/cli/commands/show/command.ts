import type { CommandRecord } from '../../record/command.ts';
import { settingsOf } from '../../settings/settings.ts';
import type { ShowOptions } from './run.ts';

const FORMATS: readonly ShowOptions['output'][] = ['text', 'json', 'yaml'];

export const show: CommandRecord<readonly [string], ShowOptions> = {
  name: 'show',
  about: 'show all there is to know of one VM, made by plow or not',
  args: [{ usage: '<vm-name>', about: 'name of the VM', completes: { kind: 'vms' } }],
  options: [
    {
      flags: '-o, --output <format>',
      about: 'lines for people or one document for programs',
      choices: FORMATS,
      defaultValue: 'text',
    },
    {
      flags: '--xml',
      about: "print the domain's document, as virsh dumpxml does",
      conflicts: ['output'],
    },
  ],
  notes: `Differences are what is not everywhere the same: as plow made the VM, as it is stored,
and as it runs. What is stored and does not run yet takes effect when the VM is stopped
and started again; a reboot from inside the guest is not enough.

A QEMU or a guest agent that does not answer is waited for at most 3 seconds. When a QEMU
was started only the hypervisor itself can tell.`,
  examples: [
    'plow show my-vm',
    "plow show my-vm -o json | jq -r '.vm.interfaces[].tap'",
    "plow show my-vm -o json | jq '.vm.differences[] | select(.needs_restart)'",
    'plow show my-vm --xml > my-vm.xml',
  ],
  async run({ args: [name], options, globals, environment }) {
    const { runShow } = await import('./run.ts');
    const settings = await settingsOf(globals, environment, 'the connection');
    await runShow(name, options, settings, environment);
    return 0;
  },
};
