export interface Topology {
  readonly sockets: number;
  /** In each of the above; so are the next two. */
  readonly dies: number;
  readonly cores: number;
  readonly threads: number;
}

/** How many virtual CPUs it makes. */
export function productOf({ sockets, dies, cores, threads }: Topology): number {
  return sockets * dies * cores * threads;
}

export const TOPOLOGY_PARTS = ['sockets', 'dies', 'cores', 'threads'] as const;

export type SaidTopology = { readonly [Part in keyof Topology]?: number | undefined };

/** What makes up the product where it is left out: the first of these. */
const FILLED = ['cores', 'sockets', 'threads', 'dies'] as const;

/**
 * One that is left out makes up the product, and others are 1.
 * @returns undefined where none is said, or no whole number makes it up
 */
export function fillTopology(said: SaidTopology, product: number): Topology | undefined {
  if (FILLED.every((part) => said[part] === undefined)) return undefined;
  const { sockets = 1, dies = 1, cores = 1, threads = 1 } = said;
  const ones = { sockets, dies, cores, threads };
  const missing = FILLED.find((part) => said[part] === undefined);
  if (missing === undefined) return productOf(ones) === product ? ones : undefined;
  const part = product / productOf(ones);
  return Number.isInteger(part) ? { ...ones, [missing]: part } : undefined;
}
