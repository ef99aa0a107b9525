import { ARCHITECTURES } from '../config/architectures.ts';
import type { Arch } from '../config/machine.ts';
import { installing } from '../text/installing.ts';
import { bridgeHelperProblem } from './bridge-helper.ts';
import { withRepair } from './host-problem.ts';

/**
 * What libvirt and QEMU say, in English unless their service was told otherwise, of a cause that a person can
 * do something about.
 */
const KNOWN: readonly (readonly [RegExp, string | ((match: RegExpExecArray) => string)])[] = [
  [
    /Cannot allocate memory|cannot set up guest memory/u,
    'the hypervisor has too little memory left: give the VM less (memory_gib), or stop another one',
  ],
  [
    /Could not open '(?<path>[^']+)': Permission denied|[Cc]annot access (?:storage|backing) file '(?<file>[^']+)'.*: Permission denied/u,
    ({ groups }) =>
      `QEMU's user may not open ${groups?.['path'] ?? groups?.['file']}, or not pass a directory above it`,
  ],
  [
    /[Uu]nable to find (?:any (?:firmware|master var store)|'efi' firmware)/u,
    `the hypervisor has no UEFI firmware for it: ${uefi('x86_64')}, or use firmware: bios; for aarch64 ${uefi('aarch64')}`,
  ],
  [/No more available PCI slots/u, 'a VM that runs has few slots free: stop it, attach, and start it again'],
  [/Maximum CPUs greater than|exceeds? (?:the )?maximum .*(?:CPU|vcpu)/u, 'give the VM fewer vcpus'],
  [
    /Failed to connect socket to '[^']*virtlogd-sock'/u,
    'start virtlogd there: sudo systemctl start virtlogd.socket',
  ],
  [
    /Failed to reserve port (?<port>\d+)/u,
    ({ groups }) =>
      `something on the hypervisor has port ${groups?.['port']}: leave out vnc.port, or give the VM another (virsh edit)`,
  ],
  [
    /vnc.*Failed to (?:bind socket|listen)|Failed to bind socket: Cannot assign requested address/u,
    'the hypervisor has no such address for its screen (vnc.listen): 127.0.0.1 is one that it has',
  ],
  [
    /Hook script execution failed/u,
    'a hook of libvirt refused it: plow network status, and the log of libvirtd, say more',
  ],
];

function uefi(arch: Arch): string {
  return installing(ARCHITECTURES[arch].packages.uefi, undefined);
}

/** What helps, where the words of the hypervisor leave no doubt; undefined where they do. */
export function sureGuess(words: string): string | undefined {
  for (const [pattern, hint] of KNOWN) {
    const match = pattern.exec(words);
    if (match !== null) return typeof hint === 'string' ? hint : hint(match);
  }
  const problem = bridgeHelperProblem(words);
  return problem && withRepair(problem);
}
