import type { CommandRecord } from '../../record/command.ts';
import { allSettingsOf } from '../../settings/settings.ts';
import { areSeveral } from '../../run/hosts/several.ts';
import type { ShowOptions } from './run.ts';

const FORMATS: readonly ShowOptions['output'][] = ['text', 'json', 'yaml'];

export const show: CommandRecord<readonly [string], ShowOptions> = {
  name: 'show',
  about: 'show everything about one VM, made by plow or not',
  args: [{ usage: '<vm-name>', about: 'name of the VM', completes: { kind: 'vms' } }],
  options: [
    {
      flags: '-o, --output <format>',
      about: 'text for people, or one document for programs',
      choices: FORMATS,
      defaultValue: 'text',
    },
    {
      flags: '--xml',
      about: "print the domain's document, as virsh dumpxml does",
      conflicts: ['output'],
    },
  ],
  notes: `Differences compare three states: as plow made the VM, as it is stored, and as it runs.
What is stored and does not run yet takes effect when the VM is stopped and started
again; a reboot from inside the guest is not enough.

plow waits at most 3 seconds for a QEMU or a guest agent that does not answer. Since when
a QEMU runs is known only on the hypervisor itself.

With --all-hosts, --host hv1,hv2 or --host label:prod each VM of this name is shown, wherever it is, with
its host; -o json prints a line for each. --xml is for one VM.`,
  examples: [
    'plow show my-vm',
    "plow show my-vm -o json | jq -r '.vm.interfaces[].tap'",
    "plow show my-vm -o json | jq '.vm.differences[] | select(.needs_restart)'",
    'plow show my-vm --xml > my-vm.xml',
    'plow show my-vm --all-hosts',
  ],
  async run({ args: [name], options, globals, environment }) {
    const [settings, ...others] = await allSettingsOf(globals, environment, 'the connection');
    if (settings === undefined) throw new Error('there is one host at least');
    const all = [settings, ...others];
    if (!areSeveral(all)) await (await import('./run.ts')).runShow(name, options, settings, environment);
    else await (await import('./hosts.ts')).runShowOnHosts(name, options, all, environment);
    return 0;
  },
};
