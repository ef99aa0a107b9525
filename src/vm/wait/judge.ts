import type { SeenAddress } from '../../hypervisor/domain-facts.ts';
import type { Answer } from '../../hypervisor/reach.ts';
import type { Complaint } from './complaints.ts';
import type { Condition, Evidence, Expected, Step } from './evidence.ts';

/** What is wrong with a VM, in a word for programs. */
export type Flaw =
  | 'stopped'
  | 'crashed'
  | 'io-error'
  | 'not-running'
  | 'nothing-to-boot'
  | 'stuck'
  | 'ignition-failed'
  | 'no-seed'
  | 'no-cloud-init'
  | 'network-refused'
  | 'address-taken'
  | 'cloud-init-errors'
  | 'no-console';

/** `flaw`: what is waited for will not come. */
export type Judgement =
  | { readonly outcome: 'met' | 'waiting'; readonly step: Step }
  | { readonly outcome: 'failed'; readonly step: Step; readonly flaw: Flaw };

/** cloud-init may yet say why. */
const NETWORK_PATIENCE_MS = 120_000;
/** It says its first words long before a login. */
const LOGIN_PATIENCE_MS = 30_000;
/** A server of ssh may start a little later. */
const FINISHED_PATIENCE_MS = 30_000;
/** The kernel of this machine may still know an address as it was before, for less than that. */
const NEIGHBOUR_PATIENCE_MS = 60_000;

/** An agent begins late in the boot of a guest. */
const UNHEARD_PATIENCE_MS = 120_000;

/** SeaBIOS says nothing on a serial port: it reads a sector and gives up. */
const IDLE_PATIENCE_MS = 10_000;

const RUNS: ReadonlySet<string> = new Set(['running', 'idle', 'no state']);

/** Conditions that a guest has to work for. */
const OF_GUEST: ReadonlySet<Condition> = new Set(['address', 'ssh', 'cloud-init']);

/** What evidence proves of a VM of which something is awaited. The table of docs/wait.md says the same. */
export function judge(evidence: Evidence, expected: Expected, condition: Condition): Judgement {
  const step = stepOf(evidence, expected);
  const isOff = evidence.state === 'shut off';
  if (condition === 'stopped' && (isOff || evidence.hasStopped)) return { outcome: 'met', step };
  if (condition === 'cloud-init' && expected.hasIgnition)
    return { outcome: 'failed', step, flaw: 'no-cloud-init' };
  const flaw = flawOfState(evidence, condition) ?? strangerAt(evidence, expected, condition);
  if (flaw !== undefined) return { outcome: 'failed', step, flaw };
  const met = isMet(evidence, expected, condition);
  // Who answers is up, whatever went wrong on the way.
  if (met && condition !== 'cloud-init') return { outcome: 'met', step };
  const found = flawOfGuest(evidence, expected, condition);
  if (found !== undefined) return { outcome: 'failed', step, flaw: found };
  return { outcome: met ? 'met' : 'waiting', step };
}

function strangerAt(evidence: Evidence, expected: Expected, condition: Condition): Flaw | undefined {
  return OF_GUEST.has(condition) && isTaken(evidence, expected) ? 'address-taken' : undefined;
}

function flawOfState(evidence: Evidence, condition: Condition): Flaw | undefined {
  const { state, reason, hasStopped, hasRun } = evidence;
  if (state === 'crashed') return 'crashed';
  if (state === 'paused' && reason === 'I/O error') return 'io-error';
  if (state === 'paused' && reason === 'crashed') return 'crashed';
  if (condition === 'stopped') return undefined;
  if (hasStopped || (state === 'shut off' && hasRun)) return reason === 'crashed' ? 'crashed' : 'stopped';
  return state === 'shut off' && OF_GUEST.has(condition) ? 'not-running' : undefined;
}

/** The first of them that is proved, in the order in which a guest comes to them. */
function flawOfGuest(evidence: Evidence, expected: Expected, condition: Condition): Flaw | undefined {
  if (!OF_GUEST.has(condition)) return undefined;
  const { told, ages } = evidence;
  if (told === undefined) return flawByAgent(evidence, expected, condition);
  if (hasNothingToBoot(evidence, expected)) return 'nothing-to-boot';
  if (hasIgnitionFailed(evidence, expected)) return 'ignition-failed';
  if (told.stuck !== undefined) return 'stuck';
  if (expected.hasSeed && hasNoSeed(evidence)) return 'no-seed';
  const isLate = told.finished !== undefined || ages.network >= NETWORK_PATIENCE_MS;
  if (told.network !== undefined && (told.network.isProof || isLate) && !hasAddress(evidence, expected))
    return 'network-refused';
  const hasErrors = isFinished(evidence) && complaintsOf(evidence).some(({ isError }) => isError);
  const isFatal =
    condition === 'cloud-init' ||
    ages.finished >= FINISHED_PATIENCE_MS ||
    (evidence.answer?.hostKeys?.length !== 0 && hasOtherKeys(evidence.answer?.hostKeys, expected.hostKeys));
  return hasErrors && isFatal ? 'cloud-init-errors' : undefined;
}

/**
 * It has said why, or a stage of it did not start and the guest waits for a person. In a guest of cloud-init,
 * and in one that lets people log in, somebody else said so: Ignition is over by then.
 */
function hasIgnitionFailed({ told }: Evidence, { hasSeed }: Expected): boolean {
  if (told?.ignition === undefined || told.login || hasSeed) return false;
  return !told.ignition.startsWith('its stage ') || told.stuck !== undefined;
}

/** Whose firmware tries a network reads no disk meanwhile, and goes on to it when iPXE has given up. */
function hasNothingToBoot({ told, ages }: Evidence, { triesNetwork }: Expected): boolean {
  if (!triesNetwork) return told?.nothingToBoot !== undefined || ages.idle >= IDLE_PATIENCE_MS;
  return told?.nothingToBoot !== undefined && !told.nothingToBoot.startsWith('No more network devices');
}

/** Of a VM whose console is not kept. */
function flawByAgent(evidence: Evidence, { hasAgent }: Expected, condition: Condition): Flaw | undefined {
  if (condition !== 'cloud-init') return undefined;
  const isHeard = hasAgent && evidence.ages.unheard < UNHEARD_PATIENCE_MS;
  if (!isFinished(evidence)) return isHeard ? undefined : 'no-console';
  return complaintsOf(evidence).length > 0 ? 'cloud-init-errors' : undefined;
}

/** cloud-init has said so, on the console or by the guest's agent. */
export function isFinished({ told, agent }: Evidence): boolean {
  return told?.finished !== undefined || agent?.isFinished === true;
}

/** Those on the console say more. */
export function complaintsOf({ told, agent }: Evidence): readonly Complaint[] {
  const complaints = told?.complaints ?? [];
  return complaints.some(({ isError }) => isError)
    ? complaints
    : [...complaints, ...(agent?.complaints ?? [])];
}

function hasNoSeed({ told, agent, ages }: Evidence): boolean {
  const isUnheard = told?.cloudInit === false && agent === undefined;
  return told?.noDatasource === true || (isUnheard && ages.login >= LOGIN_PATIENCE_MS);
}

/**
 * The address has the MAC address of another machine. From a machine that is not the hypervisor that is no
 * proof: there a network of the same numbers may be another one.
 */
function isTaken({ answer, isLocal, ages }: Evidence, { macs }: Expected): boolean {
  if (!isLocal || answer?.neighbour === undefined || macs.length === 0) return false;
  if (macs.includes(answer.neighbour)) return false;
  return hasSpoken(answer) || ages.stranger >= NEIGHBOUR_PATIENCE_MS;
}

/** True where both are known and none is the same, also of a server that proved none. */
export function hasOtherKeys(answered: readonly string[] | undefined, known: readonly string[]): boolean {
  return answered !== undefined && known.length > 0 && !answered.some((key) => known.includes(key));
}

function isMet(evidence: Evidence, expected: Expected, condition: Condition): boolean {
  if (condition === 'running') return RUNS.has(evidence.state);
  if (condition === 'address') return hasAddress(evidence, expected);
  if (condition === 'ssh') return hasSsh(evidence, expected);
  return condition === 'cloud-init' && isFinished(evidence);
}

/** The furthest of the steps that the evidence proves. */
function stepOf(evidence: Evidence, expected: Expected): Step {
  const { state, told } = evidence;
  if (state === 'shut off' || state === 'crashed') return 'off';
  if (isFinished(evidence)) return 'done';
  if (hasSsh(evidence, expected)) return 'ssh';
  if (hasAddress(evidence, expected)) return 'address';
  if (told?.cloudInit === true) return 'cloud-init';
  if (told?.system === true) return 'system';
  if (told?.kernel === true) return 'kernel';
  return told?.firmware === true ? 'firmware' : 'running';
}

/** The address is the VM's own: by its MAC address, by the guest's own word, or as ssh answers there. */
export function hasAddress(evidence: Evidence, expected: Expected): boolean {
  const { address, macs } = expected;
  const { answer, seen, told, ages } = evidence;
  if (hasSsh(evidence, expected)) return true;
  // Leases and neighbours may be of a boot before.
  const isFresh = hasSpoken(answer) || ages.neighbour >= NEIGHBOUR_PATIENCE_MS;
  const known = seen.filter(({ source }) => source === 'agent' || isFresh);
  const all = [...known, ...(told?.addresses ?? [])];
  if (address === undefined) return all.length > 0;
  if (isFresh && answer?.neighbour !== undefined && macs.includes(answer.neighbour)) return true;
  const isOwn = ({ mac }: Pick<SeenAddress, 'mac'>): boolean => mac === undefined || macs.includes(mac);
  return all.some((one) => one.address === address && isOwn(one));
}

/** A kernel knows an address for a while after nobody has it any more; what answers is there now. */
function hasSpoken(answer: Answer | undefined): boolean {
  return answer !== undefined && answer.port22 !== 'silent' && answer.port22 !== 'unreachable';
}

/** ssh answers there, with the VM's own host keys where they are known. */
export function hasSsh({ answer, isLocal }: Evidence, { macs, hostKeys }: Expected): boolean {
  if (answer?.port22 !== 'ssh' || hasOtherKeys(answer.hostKeys, hostKeys)) return false;
  return !isLocal || answer.neighbour === undefined || macs.length === 0 || macs.includes(answer.neighbour);
}
