import { GLOBAL_PROGRAM_OPTIONS, HELP_OPTION, VERSION_OPTION } from '../options/global.ts';
import type { ProgramRecord } from '../record/command.ts';
import { apply } from './apply/command.ts';
import { attach, detach } from './attach/command.ts';
import { clone } from './clone/command.ts';
import { consoleOf } from './console/command.ts';
import { complete, completion } from './completion/command.ts';
import { config } from './config/command.ts';
import { create } from './create/command.ts';
import { destroy } from './destroy/command.ts';
import { diff } from './diff/command.ts';
import { doctor } from './doctor/command.ts';
import { evacuate, restore } from './evacuate/command.ts';
import { exportVms } from './export/command.ts';
import { extend } from './extend/command.ts';
import { gc } from './gc/command.ts';
import { help } from './help/command.ts';
import { hosts } from './hosts/command.ts';
import { image } from './image/command.ts';
import { ip } from './ip/command.ts';
import { list } from './list/command.ts';
import { log } from './log/command.ts';
import { media } from './media/command.ts';
import { metrics } from './metrics/command.ts';
import { move } from './move/command.ts';
import { network } from './network/command.ts';
import { newVm } from './new/command.ts';
import { autostart, restart, resume, start, stop, suspend } from './power/command.ts';
import { protect, unprotect } from './protect/command.ts';
import { rebuild } from './rebuild/command.ts';
import { render } from './render/command.ts';
import { resize } from './resize/command.ts';
import { schema } from './schema/command.ts';
import { screenshot } from './screenshot/command.ts';
import { show } from './show/command.ts';
import { snapshot } from './snapshot/command.ts';
import { scp, ssh, sshConfig } from './ssh/command.ts';
import { top } from './top/command.ts';
import { undelete } from './undelete/command.ts';
import { validate } from './validate/command.ts';
import { version } from './version/command.ts';
import { vnc } from './vnc/command.ts';
import { wait } from './wait/command.ts';

/**
 * The commands, as the help has them. To add one:
 * 1. `<name>/command.ts`: its record. Nothing that costs time is imported there but by `run`.
 * 2. `<name>/run.ts`: what it does, with settings and environment handed in; it returns the exit code.
 * 3. A line in the list below, in the group of its task. `summary` is for an `about` of more than 64
 * characters.
 * 4. A word that other tools call it by goes out of, or into, `usage/meant-words.ts`.
 * 5. `npm run docs` writes the man page and README's table; completion and `plow --help` know it already.
 */
export const PROGRAM: ProgramRecord = {
  about:
    'Turns a YAML file into a running VM on a libvirt hypervisor, and takes it away again without a trace.',
  options: [VERSION_OPTION, ...GLOBAL_PROGRAM_OPTIONS, HELP_OPTION],
  groups: [
    {
      title: 'Make and remove VMs',
      commands: [newVm, create, clone, move, destroy, undelete, extend, protect, unprotect],
    },
    { title: 'Start and stop VMs', commands: [start, stop, restart, suspend, resume, autostart, wait] },
    { title: 'Change VMs', commands: [resize, attach, detach, media, snapshot, rebuild] },
    { title: 'Look at VMs', commands: [list, top, show, log, consoleOf, vnc, screenshot] },
    { title: 'Log in to VMs', commands: [ssh, scp, sshConfig] },
    { title: 'VM files', commands: [validate, render, diff, apply, exportVms, ip, schema] },
    { title: 'Hypervisors', commands: [hosts, evacuate, restore, image, network, metrics, doctor, gc] },
    { title: 'plow itself', commands: [config, completion, version, help] },
  ],
  hidden: [complete],
  examples: [
    'plow create examples/simple-vm.yaml',
    'plow validate vms/*.yaml',
    'plow list --all',
    'plow show my-vm',
    'plow destroy my-vm',
    'plow export my-vm > my-vm.yaml',
  ],
  optionExamples: [
    'plow -c qemu+ssh://root@hv2/system list',
    'plow -c qemu+ssh://root@hv2/system doctor',
    'plow --host hv1 list',
    'plow --all-hosts list --all',
    'plow --storage-path /srv/vms create vm.yaml',
    'plow --config team.yaml create vm.yaml',
    'plow --verbose create vm.yaml',
    'plow --color always list --all | less -R',
  ],
};
