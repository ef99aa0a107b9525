import { HypervisorError } from '../errors/hypervisor-error.ts';
import { PlowError } from '../errors/plow-error.ts';
import type { Access, Denial } from '../hypervisor/access.ts';
import { withoutPassword } from '../text/secrets.ts';
import { Connection } from './connection/connection.ts';
import type { CallObserver } from './connection/stopwatch.ts';
import { LibvirtHypervisor } from './hypervisor.ts';
import { openFiles, whyNotHere } from '../this-machine/server.ts';
import type { SshAnswer } from '../this-machine/ask-ssh.ts';
import { sshPids } from '../this-machine/ssh-children.ts';
import { alone, Untold } from './abi/error.ts';
import { peersOf } from './abi/peers.ts';
import { denialOf, explainBySsh, explainOpen, sshAnswer } from './open-failure.ts';
import { sessionPlaces, SYSTEM_PLACES } from './places.ts';
import type { Variables } from './places.ts';
import { adviseMaster } from './ssh/master.ts';
import { hasAsked, whileSshWorks } from './ssh/patience.ts';
import { sshTarget } from './ssh/target.ts';
import { wayIn } from './ssh/way-in.ts';
import { isSessionUri, isUsableUri, isUsualSocketUri } from './uri.ts';
import { OTHER_THREADS, OVERLAP } from './connection/concurrency.ts';
import { untilAnswered } from './dialog.ts';
import type { Person } from './dialog.ts';

export { exitNow } from './abi/native.ts';
export { makeRaw } from './abi/terminal.ts';

export interface ConnectOptions {
  readonly observe?: CallObserver | undefined;
  readonly access?: Access;
  /** Who may be asked for a password; undefined: nobody. */
  readonly person?: Person;
  /** Others are opened at the same time. */
  readonly isOneOfMany?: boolean;
  /** That there are for all of them, as threadsFor tells. */
  readonly threads?: number;
  /** Of the process, by which libvirt finds the files of a session. */
  readonly variables?: Variables;
}

export interface OpenHypervisor {
  readonly hypervisor: LibvirtHypervisor;
  /** Why it is read-only, where more was asked for. */
  readonly denied: Denial | undefined;
  /** Frees everything. @returns references that libvirt still counts, as Connection's */
  readonly close: () => Promise<number | undefined>;
}

function overlapOf(uri: string): number {
  return isUsualSocketUri(uri) ? OVERLAP.near : OVERLAP.far;
}

/**
 * How many threads a connection to this URI can use; to start a hundred takes some milliseconds.
 * @param uri undefined: there are several
 * @param wanted what the user says (UV_THREADPOOL_SIZE), who has at least those that are not free for calls
 * and one more
 */
export function threadsFor(uri: string | undefined, wanted?: string): number {
  const own = Number(wanted || Number.NaN);
  return Number.isInteger(own)
    ? Math.max(own, OTHER_THREADS + 1)
    : (uri === undefined ? OVERLAP.far : overlapOf(uri)) + OTHER_THREADS;
}

/**
 * Connects to the hypervisor at a libvirt URI.
 * @throws PlowError (connection)
 */
export async function connect(uri: string, options: ConnectOptions = {}): Promise<OpenHypervisor> {
  if (!isUsableUri(uri)) {
    throw new PlowError('connection', `'${withoutPassword(uri)}' is not a libvirt URI that plow can use`, {
      hint: 'use qemu:///system, qemu:///session or qemu+ssh://root@host/system (see https://libvirt.org/uri.html), or an alias of libvirt.conf',
    });
  }
  const took = sshTarget(uri) === undefined ? () => 0 : stopwatch();
  const { connection, isReadOnly, denied } = await openedAs(uri, options);
  const advise = adviser(uri, took(), options.person);
  const isThisMachine = isUsualSocketUri(uri);
  const isSession = isSessionUri(uri);
  const own = isThisMachine ? sessionPlaces(options.variables ?? {}) : undefined;
  return {
    hypervisor: new LibvirtHypervisor(connection, {
      whyNotHere: isThisMachine ? () => whyNotHere(peersOf(openFiles())) : undefined,
      isReadOnly,
      isSession,
      places: isSession ? own : SYSTEM_PLACES,
      wayIn: wayIn(uri),
    }),
    denied,
    close: async () => {
      await advise();
      return connection.close();
    },
  };
}

/** What says how an open over ssh would take less time; a person who was asked something took theirs. */
function adviser(uri: string, openMs: number, person: Person | undefined): () => Promise<void> {
  return async () => {
    const target = sshTarget(uri);
    if (target === undefined || person?.takesAdvice !== true || hasAsked()) return;
    const { variables } = person;
    await adviseMaster({ uri, target, openMs, variables, tell: (words) => person.tell(words) });
  };
}

function stopwatch(): () => number {
  const begun = performance.now();
  return () => performance.now() - begun;
}

interface Allowed {
  readonly connection: Connection;
  readonly isReadOnly: boolean;
  readonly denied?: Denial;
}

/** Where both are refused, the first refusal is told: it says what is needed. @throws PlowError */
async function openedAs(
  uri: string,
  { observe, access = 'full', person, isOneOfMany = false, threads }: ConnectOptions,
): Promise<Allowed> {
  const open = async (isReadOnly: boolean, whom: Person | undefined): Promise<Connection> => {
    // The first connection may have been to this machine, and alone.
    const room = threads === undefined ? Infinity : Math.max(1, threads - OTHER_THREADS);
    const how = { observe, isReadOnly, overlap: Math.min(overlapOf(uri), room) };
    const single = (answer?: SshAnswer): Promise<Connection> =>
      opened(uri, Connection.open(uri, how), whom, answer);
    if (!isOneOfMany) return single();
    try {
      return await opened(uri, Connection.open(uri, { ...how, isOneOfMany }), whom);
    } catch (error) {
      if (!(error instanceof Untold)) throw error;
      const ssh = sshTarget(uri);
      const answer = await sshAnswer(uri);
      if (ssh !== undefined && answer !== undefined && answer.kind !== 'through')
        throw await explainBySsh(uri, ssh, undefined, answer);
      // With the whole of its time again.
      return alone(() => single(answer));
    }
  };
  if (access === 'read-only') return { connection: await open(true, undefined), isReadOnly: true };
  try {
    return { connection: await open(false, person), isReadOnly: false };
  } catch (error) {
    const denial = access === 'as-allowed' ? denialOf(uri, error) : undefined;
    if (denial === undefined) throw error;
    const connection = await open(true, undefined).catch(() => undefined);
    if (connection === undefined) throw error;
    return { connection, isReadOnly: true, denied: denial };
  }
}

/** @param answer of ssh itself, where it was asked already @throws PlowError */
async function opened(
  uri: string,
  opening: Promise<Connection>,
  person: Person | undefined,
  answer?: SshAnswer,
): Promise<Connection> {
  const ssh = sshTarget(uri);
  if (ssh === undefined) {
    return untilAnswered(uri, opening, person).catch((error: unknown) => {
      throw error instanceof HypervisorError ? explainOpen(uri, error) : error;
    });
  }
  mayHaveSsh = true;
  const silent = new Error('silent');
  return whileSshWorks(opening, () => silent).catch(async (error: unknown) => {
    if (error === silent) throw await explainBySsh(uri, ssh, undefined);
    throw error instanceof HypervisorError ? await explainBySsh(uri, ssh, error, answer) : error;
  });
}

/** Set once a connection over ssh was begun. */
let mayHaveSsh = false;

/** Ends what libvirt started for connections. */
export function endHelpers(kill: (pid: number) => void): void {
  for (const pid of mayHaveSsh ? sshPids() : []) {
    try {
      kill(pid);
    } catch {
      // It has ended by itself.
    }
  }
}
