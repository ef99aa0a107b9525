import { isMap } from '../../config/yaml/raw-value.ts';

/** What a throw-away boot has to prove, in the order in which a guest comes to it. */
const PROOFS = ['seed', 'address', 'ssh', 'shutdown'] as const;

export type Proof = (typeof PROOFS)[number];

/** What came of the throw-away boot of an image. */
export interface ImageGate {
  readonly result: 'passed' | 'failed';
  /** The one that failed; null where all were made. */
  readonly proof: Proof | null;
  /** From the start of the VM until ssh let the key in; null: it did not. */
  readonly bootSeconds: number | null;
  /** Of the plow that made it, and when. */
  readonly plow: string;
  readonly at: string;
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/u;
const LONGEST_VERSION = 64;

/** Of a record; undefined for one that plow would not have written: what is odd proves nothing. */
export function readGate(value: unknown): ImageGate | undefined {
  if (!isMap(value)) return undefined;
  const { result, bootSeconds, plow, at } = value;
  const proof = value['proof'] === null ? null : PROOFS.find((one) => one === value['proof']);
  const isTime = bootSeconds === null || (typeof bootSeconds === 'number' && bootSeconds >= 0);
  if ((result !== 'passed' && result !== 'failed') || proof === undefined || !isTime) return undefined;
  if (typeof plow !== 'string' || plow.length > LONGEST_VERSION) return undefined;
  if (typeof at !== 'string' || !TIME.test(at)) return undefined;
  // Either all was proven, the boot time with it, or one proof failed.
  if (result === 'passed' ? proof !== null || bootSeconds === null : proof === null) return undefined;
  return { result, proof, bootSeconds, plow, at };
}
