/** What this machine sees of an address of a guest; the hypervisor may be another machine. */
export interface Reach {
  /**
   * Who answers at TCP port 22, and whose MAC address this machine then knows for the address. @param
   * withHostKeys whether they are asked for, which takes a few connections
   */
  knock(address: string, how: { readonly withinMs: number; readonly withHostKeys: boolean }): Promise<Answer>;
}

export interface Answer {
  /** `ssh`: it greeted as a server of ssh does. `other`: something else. `silent`: nothing came in time. */
  readonly port22: 'ssh' | 'other' | 'refused' | 'unreachable' | 'silent';
  /** As type and key; undefined where they were not asked for, or could not be had. */
  readonly hostKeys: readonly string[] | undefined;
  /** Lower case; undefined where the address is not on a network of this machine, or nobody has it. */
  readonly neighbour: string | undefined;
}
