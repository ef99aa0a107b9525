import { PlowError } from '../../../errors/plow-error.ts';
import { YAML_FILES } from '../../record/yaml-files.ts';
import type { CommandRecord } from '../../record/command.ts';

type Action = 'setup' | 'remove';

interface Options {
  readonly dryRun?: boolean;
  readonly file?: string;
  readonly force?: boolean;
  readonly script?: boolean;
}

export const network: CommandRecord<readonly [Action], Options> = {
  name: 'network',
  about: 'make a hypervisor ready for routed VMs, whose addresses it announces by BGP',
  summary: 'make a hypervisor ready for routed VMs',
  args: [{ usage: '<action>', about: 'what to do', choices: ['setup', 'remove'] }],
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
  ],
  notes: `setup reads /etc/plow/network.yaml: which addresses routed VMs may have (prefixes), which routers BIRD
tells of them (bgp), and whether guests reach the uplink only (isolate). As root of the hypervisor itself
it writes plow's hook for libvirt, net.ipv4.ip_forward, rules of nftables, and with bgp the file
/etc/plow/bird.conf, which your bird.conf has to include: plow never writes to that, nor over any file
that it has not made. What is right already stays; where a step fails, what was done is taken back.
It ends with 2 as long as BIRD does not read its file.

remove takes all that away, once bird.conf includes nothing of it any more.`,
  examples: [
    'sudo plow network setup --dry-run',
    'sudo plow network setup',
    'sudo plow network setup --file hv1-network.yaml',
    'plow network setup --script --file hv1-network.yaml | ssh root@hv1 sh',
    'sudo plow network remove --force',
  ],
  async run({ args: [action], options, globals, environment }) {
    const { dryRun: isDryRun = false, script: isScript = false, file, force = false } = options;
    if (file !== undefined && action !== 'setup')
      throw new PlowError('config', '--file goes with network setup');
    if (force && action !== 'remove') throw new PlowError('config', '--force goes with network remove');
    const { runNetworkRemove, runNetworkSetup } = await import('./setup.ts');
    return action === 'setup'
      ? runNetworkSetup({ file, isDryRun, isScript }, globals, environment)
      : runNetworkRemove({ isForced: force, isDryRun, isScript }, globals, environment);
  },
};
