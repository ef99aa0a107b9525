import type { Packages } from '../config/architectures.ts';

/** What is wrong with a host, and what helps. */
export interface HostProblem {
  readonly text: string;
  /** Command for the hypervisor, or what else to do. */
  readonly repair: string;
}

/** Both in one line. */
export function withRepair({ text, repair }: HostProblem): string {
  return `${text}: ${repair}`;
}

/** The commands that install packages. */
export function installing({ apt, dnf }: Packages): string {
  return `apt install ${apt} (Debian, Ubuntu) or dnf install ${dnf} (Fedora, RHEL)`;
}
