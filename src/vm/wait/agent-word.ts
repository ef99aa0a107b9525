import { HypervisorError } from '../../errors/hypervisor-error.ts';
import type { Domain } from '../../hypervisor/domain.ts';
import { printable } from '../../text/printable.ts';
import type { Complaint } from './complaints.ts';

/** What cloud-init has written down in the guest, as its agent reads it. */
export interface AgentWord {
  readonly isFinished: boolean;
  readonly complaints: readonly Complaint[];
}

/**
 * What `cloud-init status` goes by. It is written anew with each boot.
 * https://cloudinit.readthedocs.io/en/latest/explanation/return_codes.html
 */
const STATUS_FILE = '/run/cloud-init/status.json';
/** It is a few hundred bytes. */
const MOST_BYTES = 64 * 1024;
const WITHIN_MS = 2000;
const MOST_COMPLAINTS = 20;
const MOST_CHARACTERS = 300;
const MOST_NAME = 40;

/**
 * Asks the guest's agent, which should be connected. Undefined where it does not say: many a distribution
 * forbids it to read files.
 * https://qemu.readthedocs.io/en/latest/interop/qemu-ga-ref.html
 * @throws HypervisorError (disconnected)
 */
export async function agentWord(domain: Domain): Promise<AgentWord | undefined> {
  try {
    const handle = await ask(domain, 'guest-file-open', { path: STATUS_FILE, mode: 'r' });
    if (typeof handle !== 'number') return undefined;
    try {
      return wordIn(await ask(domain, 'guest-file-read', { handle, count: MOST_BYTES }));
    } finally {
      await ask(domain, 'guest-file-close', { handle });
    }
  } catch (error) {
    if (!(error instanceof HypervisorError) || error.reason === 'disconnected') throw error;
    return undefined;
  }
}

async function ask(domain: Domain, execute: string, args: object): Promise<unknown> {
  const answer = await domain.askAgent(JSON.stringify({ execute, arguments: args }), WITHIN_MS);
  return fieldOf(parsed(answer), 'return');
}

/** @param answer to guest-file-read @returns undefined for what cloud-init would not have written */
export function wordIn(answer: unknown): AgentWord | undefined {
  const base64 = fieldOf(answer, 'buf-b64');
  if (typeof base64 !== 'string') return undefined;
  const stages = fieldOf(parsed(Buffer.from(base64, 'base64').toString('utf8')), 'v1');
  if (typeof stages !== 'object' || stages === null) return undefined;
  const complaints = Object.entries(stages).flatMap(([stage, facts]) => complaintsOf(stage, facts));
  return {
    isFinished: typeof fieldOf(fieldOf(stages, 'modules-final'), 'finished') === 'number',
    complaints: complaints.slice(0, MOST_COMPLAINTS),
  };
}

/** As cloud-init has it, the name of a module and what it threw: `('write_files', KeyError('x'))`. */
const OF_MODULE = /^\('(?<module>[\w-]{1,40})', (?<text>.*)\)$/su;

function complaintsOf(stage: string, facts: unknown): readonly Complaint[] {
  const errors = fieldOf(facts, 'errors');
  if (!Array.isArray(errors)) return [];
  return errors
    .filter((error) => typeof error === 'string')
    .map((error) => {
      const { module = stage, text = error } = OF_MODULE.exec(error)?.groups ?? {};
      const short = { module: module.slice(0, MOST_NAME), text: text.slice(0, MOST_CHARACTERS) };
      return { module: printable(short.module), text: printable(short.text), isError: true };
    });
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.hasOwn(value, name) ? (Reflect.get(value, name) as unknown) : undefined;
}

/** Undefined for what is no JSON: a guest says what it likes. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
