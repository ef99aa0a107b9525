import type { CommandRecord } from '../../record/command.ts';
import { settingsOf } from '../../settings/settings.ts';

interface Options {
  readonly open?: boolean;
}

export const vnc: CommandRecord<readonly [string], Options> = {
  name: 'vnc',
  about: 'lead a viewer to the screen of a VM, over VNC; ends with the viewer or Ctrl-C',
  summary: 'lead a viewer to the screen of a VM, over VNC',
  args: [{ usage: '<vm-name>', about: 'name of the VM', completes: { kind: 'vms' } }],
  options: [{ flags: '--open', about: 'start a viewer: $PLOW_VNC_VIEWER, else xdg-open' }],
  notes: `It prints the address of the screen on this machine, vnc://127.0.0.1:PORT, for one viewer of the user who
started it. On the hypervisor itself no password is asked for, and the VM needs no port; from elsewhere
the way is ssh, with what the URI of the connection says.

In $PLOW_VNC_VIEWER %h, %p and %u stand for host, port and address: vncviewer %h::%p.`,
  examples: ['plow vnc my-vm', 'plow vnc --open my-vm', 'plow -c qemu+ssh://root@hv2/system vnc my-vm'],
  async run({ args: [name], options, globals, environment }) {
    const { runVnc } = await import('./run.ts');
    const settings = await settingsOf(globals, environment, 'the connection');
    await runVnc(name, { open: options.open === true }, settings, environment);
    return 0;
  },
};
