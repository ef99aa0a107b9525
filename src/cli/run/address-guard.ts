import { setTimeout as sleep } from 'node:timers/promises';
import { Interrupted } from '../../errors/interrupted.ts';
import { PlowError } from '../../errors/plow-error.ts';
import type { DomainDocument } from '../../hypervisor/domain-facts.ts';
import type { AddressGuard, Elsewhere } from '../../vm/address-guard.ts';
import type { VmContext } from '../../vm/context.ts';
import type { Environment } from '../environment.ts';
import { knownHosts } from '../settings/known-hosts.ts';
import type { Settings } from '../settings/settings.ts';
import { withHypervisor } from './session.ts';
import { someAtOnce } from './batch/some-at-once.ts';

/** A command waits no longer for all of them, from its first question on. */
const WITHIN_MS = 10_000;
/** One that hangs keeps a thread, of which the command itself needs some. */
const AT_ONCE = 8;

type Host = Settings & { readonly host: string };
/** Of the host that a command works on. */
export interface GuardOf {
  (own: Pick<Settings, 'host' | 'uri'>): AddressGuard;
  /** Hosts that the command works on itself are asked over its own connections. */
  readonly lend: (host: string, context: Promise<Pick<VmContext, 'hypervisor'>>) => void;
}

type Lent = Map<string, Promise<Pick<VmContext, 'hypervisor'>>>;

/** What a host has in use, or why that is not known. */
type Answer = readonly DomainDocument[] | string;

/**
 * For a command that gives VMs names or addresses: what of the hosts of the settings it is to compare them
 * with, by the host that it works on. Each is asked once in a command, and not before its answer is needed.
 * @param isForced of --force-address @param isAnycast of --anycast @throws PlowError (config)
 */
export async function addressGuards(
  globals: Parameters<typeof knownHosts>[0],
  environment: Environment,
  isForced = false,
  isAnycast = false,
): Promise<GuardOf> {
  const hosts = await knownHosts(globals, environment);
  const answers = new Map<string, Promise<Answer>>();
  const lent: Lent = new Map();
  const untold = new Set(hosts.map(({ host }) => host));
  const ask = (host: Host): Promise<Answer> => {
    const answer = answers.get(host.host) ?? askHost(host, lent.get(host.host), environment);
    answers.set(host.host, answer);
    return answer;
  };
  const tells = (host: string): boolean => untold.delete(host);
  const guardOf = (own: Pick<Settings, 'host' | 'uri'>): AddressGuard => {
    const others = hosts.filter(({ host, uri }) => host !== own.host && uri !== own.uri);
    let asked: Promise<Elsewhere> | undefined;
    const elsewhere = (): Promise<Elsewhere> => (asked ??= askAll(others, ask));
    return { isForced, isAnycast, ...(others.length === 0 ? {} : { elsewhere, tells }) };
  };
  return Object.assign(guardOf, { lend: lent.set.bind(lent) });
}

/** A host that fails keeps none of the others, and one that hangs nobody for long. */
async function askAll(hosts: readonly Host[], ask: (host: Host) => Promise<Answer>): Promise<Elsewhere> {
  const answers = new Map<Host, Answer>();
  const patience = new AbortController();
  const isOver = (): boolean => patience.signal.aborted;
  const asking = someAtOnce(hosts, AT_ONCE, async (host) => void answers.set(host, await ask(host)), isOver);
  const late = sleep(WITHIN_MS, undefined, { signal: patience.signal }).catch(() => {});
  await Promise.race([asking, late]);
  patience.abort();
  const told = hosts.map((host) => ({
    host: host.host,
    answer: answers.get(host) ?? `no answer within ${WITHIN_MS / 1000} seconds`,
  }));
  return {
    hosts: told.flatMap(({ host, answer }) => (typeof answer === 'string' ? [] : [{ host, vms: answer }])),
    unseen: told.flatMap(({ host, answer }) => (typeof answer === 'string' ? [{ host, why: answer }] : [])),
  };
}

async function askHost(
  settings: Host,
  lent: ReturnType<Lent['get']>,
  environment: Environment,
): Promise<Answer> {
  const { usedOn } = await import('../../vm/network/elsewhere.ts');
  try {
    if (lent !== undefined) return await usedOn((await lent).hypervisor);
    const quiet = { ...settings, uri: unasking(settings.uri) };
    return await withHypervisor(quiet, environment, usedOn, 'read-only', true);
  } catch (error) {
    if (error instanceof Interrupted) return error.message;
    if (!(error instanceof PlowError)) throw error;
    return error.message.split('\n')[0] ?? '';
  }
}

/** Nobody is asked for a password of a host that the command is not about. https://libvirt.org/uri.html */
function unasking(uri: string): string {
  if (!/^[a-z]+\+ssh:/u.test(uri) || /[?&]no_tty=/u.test(uri)) return uri;
  return `${uri}${uri.includes('?') ? '&' : '?'}no_tty=1`;
}
