import { InvalidArgumentError } from 'commander';
import { hostAddressMistake, hostCidrMistake } from '../../../config/values/ipv4.ts';
import { macMistake } from '../../../config/values/mac.ts';
import { bridgeMistake, deviceMistake } from '../../../config/values/names.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { forceAddressOption } from '../../options/force-address.ts';
import type { ForceAddress } from '../../options/force-address.ts';
import { outputOption, quietOption } from '../../options/output.ts';
import type { OutputFormat } from '../../options/output.ts';
import { diskGibOf, mtuOf } from '../../options/sizes.ts';
import { namesAnd, SELECTION_OPTIONS, selectionOf, VM_NAMES } from '../../options/selection.ts';
import type { SelectionOptions } from '../../options/selection.ts';
import type { ArgumentRecord, Call, CommandRecord, OptionRecord } from '../../record/command.ts';
import { allSettingsOf } from '../../settings/settings.ts';
import { isPattern } from '../../../text/pattern.ts';
import type { Selection } from '../../../vm/list/select.ts';
import type { Device } from './run.ts';

interface Options extends OutputFormat, SelectionOptions {
  readonly quiet?: boolean;
}

interface AttachOptions extends Options, ForceAddress {
  /** GiB. */
  readonly size?: number;
  readonly target?: string;
  readonly bridge?: string;
  readonly ip?: string;
  readonly gateway?: string;
  readonly mac?: string;
  readonly mtu?: number;
}

type What = 'disk' | 'nic';

const NOUN = { disk: 'disk', nic: 'interface' } as const;

const WHAT: ArgumentRecord = { usage: '<disk|nic>', about: 'what', choices: ['disk', 'nic'] };

const USUAL: readonly OptionRecord[] = [
  ...SELECTION_OPTIONS,
  outputOption('text for people, or a JSON document for each VM'),
  quietOption('output'),
];

export const attach: CommandRecord<readonly [What, readonly string[]], AttachOptions> = {
  name: 'attach',
  about: 'give VMs one more disk, or a VM one more network interface, while they run or not',
  summary: 'give VMs one more disk or network interface',
  args: [WHAT, VM_NAMES],
  options: [
    { flags: '--size <gib>', about: 'of a disk: its size in GiB', parse: diskGibOf },
    {
      flags: '--target <device>',
      about: 'of a disk: vdb to vdz (default: the first that is free)',
      parse: targetOf,
    },
    { flags: '--bridge <name>', about: 'of an interface: the bridge', parse: ruleOf(bridgeMistake) },
    {
      flags: '--ip <address/prefix>',
      about: 'of an interface: the address that the guest is to have there',
      parse: ruleOf(hostCidrMistake),
    },
    {
      flags: '--gateway <address>',
      about: 'of an interface: a gateway there, to be remembered',
      parse: ruleOf(hostAddressMistake),
    },
    {
      flags: '--mac <address>',
      about: 'of an interface: its MAC address (default: made from the IP address)',
      parse: (text) => ruleOf(macMistake)(text).toLowerCase(),
    },
    forceAddressOption('of an interface: an IP or MAC address'),
    { flags: '--mtu <bytes>', about: 'of an interface: its largest packet', parse: mtuOf },
    ...USUAL,
  ],
  notes: `The disk is empty, and a file in the directory of the VM, which destroy removes. Only VMs that
plow made have such a directory.

The interface is one as from the VM file, of one VM: its address is nobody else's. cloud-init does not
run again for it: the guest has to be told of its address in another way.`,
  examples: [
    'plow attach disk my-vm --size 20',
    'plow attach disk my-vm --size 200 --target vdc',
    'plow attach nic my-vm --bridge br1 --ip 10.20.31.40/24 --gateway 10.20.31.1',
    'plow attach nic my-vm --bridge br1 --ip 10.20.31.40/24 --gateway 10.20.31.1 --mac 52:54:00:12:34:56 --mtu 9000',
    'plow attach nic my-vm --bridge br1 --ip 10.20.31.40/24 --gateway 10.20.31.1 --force-address',
    'plow attach disk -o json my-vm --size 20 | jq -r .status',
    'plow attach disk --quiet my-vm --size 20',
    "plow attach disk 'web-*' --size 20",
    'plow attach disk --tag db --size 200',
    'plow attach disk --all --size 1 --target vdz',
  ],
  run: (call) => {
    const [what, names] = call.args;
    const device = deviceOf(what, call.options);
    const selection = selectionOf('attach', names, call.options);
    if (what === 'nic' && mayBeSeveral(selection))
      throw new PlowError('config', "attach nic takes the name of one VM: its address is nobody else's");
    return runIt(call, selection, device);
  },
};

function mayBeSeveral({ words, all, tags }: Selection): boolean {
  return all || tags.length > 0 || words.length > 1 || words.some(isPattern);
}

export const detach: CommandRecord<readonly [What, readonly string[]], Options> = {
  name: 'detach',
  about: 'take a data disk or a network interface from VMs; the file of a disk stays',
  summary: 'take a data disk or a network interface from VMs',
  args: [WHAT, namesAnd('<device>', 'a disk, such as vdb, or an interface by its MAC or IP address')],
  options: USUAL,
  notes: `Unmount a disk in the guest first. A guest that runs has to let a device go; one that does not has it
until its next start. The file of a disk stays where it is, and is no part of the VM any more:
destroy leaves it.`,
  examples: [
    'plow detach disk my-vm vdb',
    'plow detach nic my-vm 10.20.31.40',
    'plow detach nic my-vm be:ef:0a:14:1f:28',
    'plow detach disk -o json my-vm vdb | jq -r .status',
    'plow detach disk --quiet my-vm vdb',
    'plow detach disk web-1 web-2 vdb',
    'plow detach disk --tag db vdc',
    'plow detach disk --all vdz',
  ],
  run: (call) => {
    const [what, words] = call.args;
    const which = words.at(-1);
    if (which === undefined) {
      const hint = what === 'disk' ? 'such as vdb' : 'by its MAC or IP address';
      throw new PlowError('config', `detach ${what} wants the ${NOUN[what]} at the end`, { hint });
    }
    const selection = selectionOf('detach', words.slice(0, -1), call.options);
    const device =
      what === 'disk'
        ? ({ action: 'detach', what, target: which } as const)
        : ({ action: 'detach', what, which: which.toLowerCase() } as const);
    return runIt(call, selection, device);
  },
};

/** @throws PlowError (config) for options that are missing, or are of another device */
function deviceOf(what: What, options: AttachOptions): Device {
  const { size: sizeGib, target, bridge, ip, gateway, mac, mtu, forceAddress } = options;
  const ofNic = { bridge, ip, gateway, mac, mtu, 'force-address': forceAddress };
  const foreign = what === 'disk' ? ofNic : { size: sizeGib, target };
  const [wrong] = Object.entries(foreign).filter(([, value]) => value !== undefined);
  if (wrong !== undefined) throw new PlowError('config', `attach ${what} has no --${wrong[0]}`);
  if (what === 'disk') {
    if (sizeGib === undefined) throw new PlowError('config', 'attach disk wants --size, in GiB');
    return { action: 'attach', what, sizeGib, target };
  }
  // A routed one, which is refused with the reason.
  if (bridge === undefined && gateway === undefined && ip?.endsWith('/32') === true)
    return { action: 'attach', what, nic: { mode: 'ethernet', ip, dns_servers: [], mac, mtu } };
  if (bridge === undefined || ip === undefined)
    throw new PlowError('config', 'attach nic wants --bridge and --ip');
  return { action: 'attach', what, nic: { bridge, ip, gateway, dns_servers: [], mac, mtu } };
}

/** @param mistake what is wrong with a text; undefined: nothing */
function ruleOf(mistake: (text: string) => string | undefined): (text: string) => string {
  return (text) => {
    const wrong = mistake(text);
    if (wrong === undefined) return text;
    throw new InvalidArgumentError(`${wrong}.`);
  };
}

function targetOf(text: string): string {
  const mistake = deviceMistake(text);
  if (mistake === undefined) return text;
  throw new InvalidArgumentError('expected a device from vdb to vdz.');
}

async function runIt(
  {
    options,
    globals,
    environment,
  }: Pick<Call<never, Options & ForceAddress>, 'options' | 'globals' | 'environment'>,
  selection: Selection,
  device: Device,
): Promise<number> {
  const { runAttach } = await import('./run.ts');
  const all = await allSettingsOf(globals, environment, 'the connection');
  const format = options.quiet === true ? 'quiet' : options.output;
  if (device.what !== 'nic' || device.action !== 'attach') {
    await runAttach(device, selection, format, all, environment);
    return 0;
  }
  const { addressGuards } = await import('../../run/address-guard.ts');
  const guardOf = await addressGuards(globals, environment, options.forceAddress);
  await runAttach(device, selection, format, all, environment, guardOf);
  return 0;
}
