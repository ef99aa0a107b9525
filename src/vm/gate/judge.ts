import type { Answer } from '../../hypervisor/reach.ts';
import type { Proof } from '../image-store/record-gate.ts';
import { STEPS } from '../wait/evidence.ts';
import type { Expected } from '../wait/evidence.ts';
import { hasOtherKeys } from '../wait/judge.ts';
import type { Login } from './wish.ts';

/** How the wait for a guest ended. */
interface Ended {
  /** As `plow wait` has them. */
  readonly verdict: string;
  readonly step: string;
  readonly lastLines: readonly string[];
}

/** What this machine sees of its address then. */
interface Seen {
  /** Undefined: nobody could ask. */
  readonly answer: Answer | undefined;
  readonly expected: Pick<Expected, 'address' | 'macs' | 'hostKeys'>;
  /** The hypervisor is this machine. */
  readonly isLocal: boolean;
}

/** Verdicts that say which proof failed, however far the guest has come. */
const BY_VERDICT: Readonly<Record<string, Proof>> = {
  'no-seed': 'seed',
  'cloud-init-errors': 'seed',
  'network-refused': 'address',
  'address-taken': 'address',
};

const isBefore = (step: string, other: (typeof STEPS)[number]): boolean =>
  STEPS.findIndex((one) => one === step) < STEPS.indexOf(other);

/**
 * Which proof a guest did not make that was waited for until ssh answers. `unknown`: from a machine that is
 * not the hypervisor it cannot be told, as there may be no way to the address.
 */
export function brokenProof({ verdict, step, lastLines }: Ended, seen: Seen): Proof | 'unknown' {
  const known = BY_VERDICT[verdict];
  if (known !== undefined) return known;
  if (verdict !== 'timeout' && verdict !== 'no-console') return isBefore(step, 'address') ? 'seed' : 'ssh';
  const byAnswer = proofByAnswer(seen);
  if (byAnswer !== undefined) return byAnswer;
  // A console that says how far it came is as good from afar.
  const isTold = lastLines.length > 0 && !isBefore(step, 'firmware');
  if (!seen.isLocal && !(isTold && isBefore(step, 'cloud-init'))) return 'unknown';
  return isBefore(step, 'cloud-init') ? 'seed' : 'address';
}

/** Of a guest that has its address, from its seed. */
function proofByAnswer({ answer, expected: { macs, hostKeys }, isLocal }: Seen): Proof | undefined {
  if (answer === undefined) return undefined;
  const { port22, neighbour } = answer;
  const isOwn = neighbour !== undefined && macs.includes(neighbour);
  const isStranger = isLocal && neighbour !== undefined && !isOwn;
  if (isStranger) return 'address';
  if (port22 === 'ssh' && hasOtherKeys(answer.hostKeys, hostKeys)) return 'seed';
  if (port22 === 'ssh' || port22 === 'other' || port22 === 'refused') return 'ssh';
  return isLocal && isOwn ? 'ssh' : undefined;
}

/** What else is to be said of a guest that does not answer to ssh: who is there in its place. */
export function answerWords({ answer, expected: { address, hostKeys } }: Seen): string {
  if (answer === undefined || address === undefined) return '';
  const hasOthers = hasOtherKeys(answer.hostKeys, hostKeys);
  const words: Readonly<Partial<Record<Answer['port22'], string>>> = {
    refused: `; ${address} refuses connections to TCP port 22`,
    other: `; what answers at TCP port 22 of ${address} is no ssh`,
    ...(hasOthers ? { ssh: `; ssh answers at ${address} with other host keys than those of its seed` } : {}),
  };
  return words[answer.port22] ?? '';
}

/** Which proof a guest did not make that lets nobody in. */
export function refusedProof(login: Login): Proof {
  const isOtherKey = login.kind === 'refused' && /host key verification failed/iu.test(login.words);
  return isOtherKey ? 'seed' : 'ssh';
}

/**
 * Of a wait for cloud-init at a guest that answers to ssh: undefined where it could not be told whether it is
 * done, which is no proof against it.
 */
export function brokenByCloudInit(verdict: string, isIn: boolean): Proof | undefined {
  if (verdict === 'timeout' || verdict === 'no-console') return undefined;
  return BY_VERDICT[verdict] ?? (isIn ? 'shutdown' : 'ssh');
}
