import { PlowError } from '../../../errors/plow-error.ts';
import { outputOption } from '../../options/output.ts';
import { YAML_FILES } from '../../record/yaml-files.ts';
import type { CommandRecord } from '../../record/command.ts';
import { ACTIONS } from './actions.ts';
import type { NetworkAction, NetworkOptions } from './actions.ts';

const NAMES = ['setup', 'status', 'drain', 'undrain', 'remove'] as const satisfies readonly NetworkAction[];

export const network: CommandRecord<readonly [NetworkAction], NetworkOptions> = {
  name: 'network',
  about: 'make a hypervisor ready for routed VMs, and say whether these are reached and who is told of them',
  summary: 'routed VMs: make a hypervisor ready, and see who is told of them',
  args: [{ usage: '<action>', about: 'what to do', choices: NAMES }],
  options: [
    { flags: '--dry-run', about: 'of setup and remove: say what would be done, and do nothing' },
    {
      flags: '--script',
      about: 'of setup and remove: print a script of sh that does it, for root of another hypervisor',
      conflicts: ['dryRun'],
    },
    {
      flags: '--file <file>',
      about: 'of setup: in place of /etc/plow/network.yaml, and copied there',
      completes: YAML_FILES,
    },
    { flags: '--force', about: 'of remove: although routed VMs run' },
    outputOption('of status: text for people, or one document for programs'),
  ],
  notes: `setup reads /etc/plow/network.yaml: which addresses routed VMs may have (prefixes), which routers BIRD
tells of them (bgp), and whether guests reach the uplinks only (isolate). As root of the hypervisor itself
it writes plow's hook for libvirt, net.ipv4.ip_forward, rules of nftables, and with bgp the file
/etc/plow/bird.conf, which your bird.conf has to include: plow never writes to that, nor over any file
that it has not made. What is right already stays; where a step fails, what was done is taken back.
It ends with 2 as long as BIRD does not read its file.

status looks for each address of a routed VM at each place where it must be: on its tap, in the
kernel, in BIRD, and in what BIRD tells its neighbours. What differs is marked, and below stands what
repairs it. It works on the hypervisor itself; BIRD answers only root and its own group. Ends as plow
doctor: with 0 if nothing failed, else 2.

drain withdraws all addresses of this hypervisor before its maintenance, and undrain gives them back.
VMs run on, and what is on its way to them arrives. It holds until undrain, whatever is restarted.

remove takes all that setup made away, once bird.conf includes nothing of it any more.`,
  examples: [
    'sudo plow network setup --dry-run',
    'sudo plow network setup',
    'sudo plow network setup --file hv1-network.yaml',
    'plow network setup --script --file hv1-network.yaml | ssh root@hv1 sh',
    'plow network status',
    "plow network status -o json | jq -r '.addresses[] | select(.announced_to == []) | .vm'",
    'sudo plow network drain',
    'sudo plow network undrain',
    'sudo plow network remove --force',
  ],
  run({ args: [action], options, globals, environment }) {
    refuseStray(action, options);
    return ACTIONS[action].run({ options, globals, environment });
  },
};

function takers(name: string): readonly NetworkAction[] {
  return NAMES.filter((one) => ACTIONS[one].options.some((taken) => taken === name));
}

/** @throws PlowError (config) for an option that goes with other actions */
function refuseStray(action: NetworkAction, { output, ...options }: NetworkOptions): void {
  const given = Object.keys({ ...options, ...(output === 'json' ? { output } : {}) });
  const stray = given.find((name) => !takers(name).includes(action));
  if (stray === undefined) return;
  const flag = stray.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`);
  throw new PlowError('config', `--${flag} goes with network ${takers(stray).join(' and ')}`);
}
