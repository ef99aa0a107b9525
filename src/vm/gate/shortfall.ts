import type { Proof } from '../image-store/record-gate.ts';

export interface ShortfallDetails {
  /** `unknown`: nobody can tell from here whether it would be made. */
  readonly proof: Proof | 'unknown';
  readonly step: string;
  readonly hint: string | undefined;
  /** Of its console. */
  readonly lastLines: readonly string[];
}

/** A guest did not make a proof. Its message says why. */
export class Shortfall extends Error {
  override readonly name = 'Shortfall';
  readonly details: ShortfallDetails;
  /** Until it let the key in; null: it did not. */
  readonly bootSeconds: number | null;

  constructor(why: string, details: ShortfallDetails, bootSeconds: number | null) {
    super(why);
    this.details = details;
    this.bootSeconds = bootSeconds;
  }
}
