import { shellArgument } from '../../text/shell-quote.ts';
import { maskSecrets, withoutSecrets } from '../../text/secrets.ts';
import type { Complaint } from './complaints.ts';
import type { Condition, Evidence, Expected, Step } from './evidence.ts';
import { complaintsOf, hasOtherKeys } from './judge.ts';
import type { Flaw } from './judge.ts';

/** Steps, as they end "VM 'web' ...". */
export const STEP_WORDS: Readonly<Record<Step, string>> = {
  off: 'is not running',
  running: 'runs',
  firmware: 'runs its firmware',
  kernel: 'has its kernel up',
  system: 'has its system up',
  'cloud-init': 'runs cloud-init',
  address: 'has its address',
  ssh: 'answers to ssh',
  done: 'is done with cloud-init',
};

export const CONDITION_WORDS: Readonly<Record<Condition, string>> = {
  running: 'runs',
  address: 'has its address',
  ssh: 'answers to ssh',
  'cloud-init': 'is done with cloud-init',
  stopped: 'is off',
};

interface Told {
  readonly message: string;
  readonly hint: string | undefined;
}

/** What a flaw means, and what to do about it. */
export function flawWords(flaw: Flaw, name: string, evidence: Evidence, expected: Expected): Told {
  const vm = `VM '${name}'`;
  const argument = shellArgument(name);
  const { told, reason, answer } = evidence;
  const address = expected.address ?? 'its address';
  const why = reason === undefined || reason === 'unknown' ? '' : ` (${reason})`;
  const words: Readonly<Record<Flaw, () => Told>> = {
    stopped: () => ({
      message: `${vm} stopped meanwhile${why}`,
      hint: `plow log ${argument} shows what its guest said, plow start ${argument} starts it`,
    }),
    crashed: () => ({
      message: `${vm} crashed${why}`,
      hint: `plow log ${argument} shows what its guest said; see /var/log/libvirt/qemu/ on the hypervisor`,
    }),
    'io-error': () => ({
      message: `${vm} is paused: one of its disks cannot be read or written (I/O error)`,
      hint: `is the storage full or gone? once it is repaired, plow resume ${argument} lets it go on`,
    }),
    'not-running': () => ({ message: `${vm} is not running`, hint: `plow start ${argument} starts it` }),
    'nothing-to-boot': () => ({
      message: `the firmware of ${vm} found nothing to boot: ${told?.nothingToBoot ?? 'it read next to nothing of the disks, and went no further'}`,
      hint:
        told?.unsigned === true
          ? 'Secure Boot refused its boot loader, which nobody has signed: take an image that is signed, or a VM without secure_boot'
          : 'is the boot disk empty, its image no bootable one, or made for the other firmware (bios, uefi) or for another architecture?',
    }),
    stuck: () => ({
      message: `the system of ${vm} does not come up: ${withoutSecrets(told?.stuck ?? '')}`,
      hint: `plow log ${argument} shows the whole boot, plow console ${argument} lets you in`,
    }),
    'ignition-failed': () => ({
      message: `Ignition failed in ${vm}, so that its system does not come up: ${maskSecrets(withoutSecrets(told?.ignition ?? ''), '***')}`,
      hint: `it acts at the first boot alone: correct the VM file, plow destroy ${argument} and create it anew; plow log ${argument} shows the whole boot`,
    }),
    'no-seed': () => noSeed(vm, evidence),
    'no-cloud-init': () => ({
      message: `${vm} will not be done with cloud-init: it is Ignition that sets up its guest`,
      hint: `plow wait ${argument} --for ssh waits for that: Ignition is done before a guest lets anyone in, and its failure is told; commands of runcmd may go on`,
    }),
    'network-refused': () => ({
      message: `the guest of ${vm} did not bring its network up: ${withoutSecrets(told?.network?.words ?? '')}`,
      hint: `plow console ${argument} lets you in; see networkctl and cloud-init's log there`,
    }),
    'address-taken': () => ({
      message: `another machine has ${address}, the address of ${vm}: MAC address ${answer?.neighbour}, not ${expected.macs.join(', ')}`,
      hint: 'find it by that MAC address; give one of the two another address',
    }),
    'cloud-init-errors': () => complaints(vm, evidence),
    'no-console': () => ({
      message: `whether ${vm} is done with cloud-init cannot be told: its console is not kept, or not readable`,
      hint: `plow log ${argument} says what turns it on; --for ssh needs none`,
    }),
  };
  return words[flaw]();
}

function noSeed(vm: string, { told }: Evidence): Told {
  const hint =
    'does its kernel have a driver for the bus of the seed? cloud kernels have none for sata: cloud_init: {bus: scsi}';
  return told?.noDatasource === true
    ? { message: `the guest of ${vm} did not find its seed: cloud-init had no datasource`, hint }
    : {
        message: `the guest of ${vm} is up, but cloud-init did not run in it: no seed found, or it is not installed`,
        hint,
      };
}

function complaints(vm: string, evidence: Evidence): Told {
  const errors = complaintsOf(evidence).filter(({ isError }) => isError);
  const lines = errors.map((one) => complaintWords(one));
  return {
    message: [`cloud-init is done in ${vm}, with errors`, ...lines].join('\n'),
    hint: 'in the guest: cloud-init status --long, /var/log/cloud-init.log and cloud-init-output.log',
  };
}

export function complaintWords({ module, text }: Complaint): string {
  const separator = text.startsWith('failed') ? ' ' : ': ';
  return withoutSecrets(`cloud-init: ${module}${separator}${text}`);
}

/** That the time is over, how far the VM came, and what is known of why. */
export function lateWords(
  condition: Condition,
  step: Step,
  { name, withinMs }: { readonly name: string; readonly withinMs: number },
  evidence: Evidence,
  expected: Expected,
): Told {
  const wanted = CONDITION_WORDS[condition];
  const furthest = step === 'off' ? 'it is not running' : `the furthest seen: it ${STEP_WORDS[step]}`;
  return {
    message: `it could not be told within ${inWords(withinMs)} that VM '${name}' ${wanted}; ${furthest}`,
    hint: lateHint(condition, name, evidence, expected),
  };
}

export function gatewayWords(name: string, { gateway = '' }: Expected): string {
  return `nobody has the address of the gateway of VM '${name}', ${gateway}: its guest reaches its own subnet only`;
}

function lateHint(
  condition: Condition,
  name: string,
  { state, told, answer, isLocal, seen }: Evidence,
  expected: Expected,
): string {
  const argument = shellArgument(name);
  const { address } = expected;
  if (state === 'paused') return `it is suspended: plow resume ${argument} lets it go on`;
  if (condition === 'stopped') return `plow stop ${argument} asks its guest, --force forces it off`;
  if (condition === 'running') return `plow start ${argument} starts it`;
  if (condition === 'ssh' && hasOtherKeys(answer?.hostKeys, expected.hostKeys))
    return `ssh answers at ${address}, with none of the host keys that plow made: it may be another machine`;
  const where = isLocal ? 'this machine' : "this machine, which may not be the hypervisor's own,";
  if (
    condition !== 'cloud-init' &&
    address !== undefined &&
    (told === undefined || told.finished !== undefined)
  )
    return `${where} gets no answer from ${address}: is there a route, does its gateway exist, does a firewall drop it?`;
  if (condition !== 'cloud-init' && address === undefined && seen.length === 0)
    return `no address of it is known: see plow show ${argument}`;
  return `plow wait ${argument} --for ${condition} --timeout 10m waits longer, plow log -f ${argument} shows what its guest says`;
}

function inWords(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return seconds === 1 ? '1 second' : `${seconds} seconds`;
}
