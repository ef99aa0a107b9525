import { loadMachine } from '../../../src/config/vm-file/load.ts';
import { PlowError } from '../../../src/errors/plow-error.ts';

/** The least a VM needs. Line 2 is vcpus, lines 4 to 6 the boot disk, lines 7 to 10 the interface. */
export const SMALLEST = `name: my-vm
vcpus: 2
memory_gib: 4
boot_disk:
  size_gb: 10
  image: /img/a.qcow2
network_interfaces:
  - ip: 10.0.0.2/24
    gateway: 10.0.0.1
    bridge: br0
`;

export const ED25519 =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFkxqUAx/DvOPYTG6LAzigjQ0vt+WKGRdef1aYw3yEEA you@workstation';

/** The smallest file with one part replaced. */
export function changed(from: string, to: string): string {
  if (!SMALLEST.includes(from)) {
    throw new Error(`the sample has no ${from}`);
  }
  return SMALLEST.replace(from, () => to);
}

/** What loading the text as vm.yaml says: the kind of failure, then its lines; of a success, the warnings. */
export function outcome(text: string): readonly string[] {
  try {
    return ['loaded', ...loadMachine('vm.yaml', text, { virtType: undefined }).warnings];
  } catch (error) {
    if (error instanceof PlowError) {
      return [error.kind, ...error.message.split('\n')];
    }
    throw error;
  }
}
