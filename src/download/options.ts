/** How long plow waits for a server, and how often it asks again. */
export interface Patience {
  /** Without a byte a line counts as broken. */
  readonly stallMs: number;
  /** Before it asks again; twice as long each time, up to a minute. */
  readonly firstPauseMs: number;
  /** Attempts in a row that brought no byte. */
  readonly mostFruitless: number;
}

export interface DownloadOptions {
  /** Of the environment: those that name proxies are read. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Ends the download at once; its reason is what is thrown. */
  readonly signal: AbortSignal;
  readonly userAgent: string;
  /** Told of each line that broke, before it is mended. @param why in words */
  readonly onBreak?: ((why: string) => void) | undefined;
  /** Certificates (PEM) to trust in place of node's own. */
  readonly ca?: string | undefined;
  readonly patience?: Partial<Patience> | undefined;
}

const PATIENCE: Patience = { stallMs: 30_000, firstPauseMs: 1000, mostFruitless: 5 };

/** With what is not said filled in. */
export function patienceOf({ patience }: DownloadOptions): Patience {
  return { ...PATIENCE, ...patience };
}
