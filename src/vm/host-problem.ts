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
