import { Verdict } from '../../errors/verdict.ts';
import type { Proof } from '../image-store/record-gate.ts';
import type { Progress } from '../progress.ts';
import type { Shortfall } from './shortfall.ts';

/** As they end "it is not proven that ...". */
const PROOF_WORDS: Readonly<Record<Proof, string>> = {
  seed: 'its guest reads its seed',
  address: 'its static address answers',
  ssh: 'ssh lets the key in',
  shutdown: 'ACPI shuts it down',
};

interface About {
  /** `debian-12@20260712` */
  readonly label: string;
  readonly isKept: boolean;
  /** Of a VM that could not be removed, what does it. */
  readonly left: string | undefined;
}

/** Of an image that did not pass. */
export function failureOf(shortfall: Shortfall, proof: Proof, { label, isKept, left }: About): Verdict {
  const { step, hint, lastLines } = shortfall.details;
  const message = `${label} did not pass the gate: it is not proven that ${PROOF_WORDS[proof]}\n${shortfall.message}`;
  return new Verdict(message, {
    condition: 'gate',
    verdict: proof,
    step,
    hint: left ?? usable(hint, isKept),
    lastLines,
  });
}

/** Of one that nobody can tell of from here. */
export function unknownOf(shortfall: Shortfall, { label, left }: About): Verdict {
  const { step, lastLines } = shortfall.details;
  const message = `whether ${label} passes the gate cannot be told: its address does not answer from this machine, which is not the hypervisor\n${shortfall.message}`;
  const hint = left ?? 'run plow on the hypervisor, or give an address to which this machine has a route';
  return new Verdict(message, { condition: 'gate', verdict: 'unknown', step, hint, lastLines });
}

/** Commands are of no use for a VM that is gone. */
function usable(hint: string | undefined, isKept: boolean): string | undefined {
  if (isKept || (hint !== undefined && !hint.includes('plow '))) return hint;
  return '--keep leaves the VM there: plow log and plow console show what its guest says';
}

const nothing = (): void => {};

/** Of a workflow that is a part of another: what is to be known of it, and what it does now. */
export function onlyNotes(progress: Progress): Progress {
  return {
    title: nothing,
    done: nothing,
    success: nothing,
    begin: (text, rows) => progress.begin(text, rows),
    transfer: (...transferred) => progress.transfer(...transferred),
    note: (text) => progress.note(text),
  };
}
