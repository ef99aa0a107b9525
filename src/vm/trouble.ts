/** What is wrong with a host, and what helps. */
export interface Trouble {
  readonly text: string;
  /** Command for the hypervisor, or what else to do. */
  readonly repair: string;
}

/** Both in one line. */
export function told({ text, repair }: Trouble): string {
  return `${text}: ${repair}`;
}
