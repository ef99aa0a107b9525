import type { CommandRecord } from '../../record/command.ts';
import { settingsOf } from '../../settings/settings.ts';

interface Options {
  readonly open?: boolean;
  readonly web?: boolean;
  readonly password?: boolean;
}

export const vnc: CommandRecord<readonly [string], Options> = {
  name: 'vnc',
  about: 'lead a viewer to the screen of a VM, over VNC; ends with the viewer or Ctrl-C',
  summary: 'lead a viewer to the screen of a VM, over VNC',
  args: [{ usage: '<vm-name>', about: 'name of the VM', completes: { kind: 'vms' } }],
  options: [
    { flags: '--open', about: 'start a viewer: $PLOW_VNC_VIEWER, else xdg-open; with --web a browser' },
    { flags: '--web', about: 'for a browser, in place of a viewer' },
    {
      flags: '--password',
      about: 'set a password that is good for a minute, print it, and do nothing else',
    },
  ],
  notes: `It prints the address of the screen on this machine, vnc://127.0.0.1:PORT, for one viewer of the user who
started it. On the hypervisor itself no password is asked for, and the VM needs no port; from elsewhere
the way is ssh, with what the URI of the connection says.

--web prints an address of http, whose token lets one browser in; a text that is pasted there is typed
on the keyboard of the VM.

--password is for screens that ask for one (password_file, one_time_password): it takes the place of
any that the VM has, until its next start.

In $PLOW_VNC_VIEWER %h, %p and %u stand for host, port and address: vncviewer %h::%p.`,
  examples: [
    'plow vnc my-vm',
    'plow vnc --open my-vm',
    'plow vnc --web my-vm',
    'plow vnc --password my-vm',
    'plow -c qemu+ssh://root@hv2/system vnc my-vm',
  ],
  async run({ args: [name], options, globals, environment }) {
    const settings = await settingsOf(globals, environment, 'the connection');
    const { open = false, web = false, password = false } = options;
    if (password) {
      const { runPassword } = await import('./password.ts');
      await runPassword(name, { isAlone: !open && !web }, settings, environment);
      return 0;
    }
    const { runVnc } = await import('./run.ts');
    await runVnc(name, { open, web }, settings, environment);
    return 0;
  },
};
