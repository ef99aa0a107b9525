import { printable } from '../../text/printable.ts';
import { shellQuote } from '../../text/shell-quote.ts';
import { askSsh } from '../../this-machine/ask-ssh.ts';
import { rememberSaid, wasSaid } from '../../this-machine/said-once.ts';
import { masterCall } from './target.ts';
import type { SshTarget } from './target.ts';

/** ControlMaster: one that ssh keeps open for others. plow makes none, and says once what it saves. */

/** Asks a process of this machine only. */
const CHECK_MS = 1000;
/** Near hosts take 0.3 to 0.5 s. */
const SLOW_MS = 1000;
/** Of 18 round trips 6 remain: measured 0.33 s of 1.15 s at 50 ms, 0.08 s of 0.38 s without a delay. */
const REMAINS = 1 / 3;
const SAID = 'ssh-master-said';

/** Whether ssh has such a connection to this host, be it a dead one. */
export async function hasMaster(uri: string, target: SshTarget): Promise<boolean> {
  const { program, words } = masterCall(uri, target);
  return program === 'ssh' && (await askSsh(program, words, CHECK_MS)).kind === 'through';
}

/** Ends one, to be pasted. */
export function endMaster({ user, host, port }: SshTarget): string {
  const where = shellQuote(user === undefined ? host : `${user}@${host}`);
  return ['ssh', '-O exit', ...(port === undefined ? [] : ['-p', port]), where].join(' ');
}

/** An open over ssh, and whose terminal it was. */
export interface SlowOpen {
  readonly uri: string;
  readonly target: SshTarget;
  readonly openMs: number;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly tell: (words: string) => void;
}

/** In this process, which may connect to several hosts. */
let isSaid = false;

/**
 * Says once to a user, ever, what a connection that ssh keeps would save. To be called when the work is done
 * and the connection still open.
 */
export async function adviseMaster({ uri, target, openMs, variables, tell }: SlowOpen): Promise<void> {
  if (isSaid || openMs < SLOW_MS || masterCall(uri, target).program !== 'ssh') return;
  isSaid = true;
  if ((await wasSaid(SAID, variables)) || (await hasMaster(uri, target))) return;
  if (await rememberSaid(SAID, variables)) for (const line of masterLines(target.host, openMs)) tell(line);
}

/** @param openMs what the open took without one */
function masterLines(host: string, openMs: number): readonly string[] {
  const name = printable(host);
  return [
    `note: to connect to ${name} over ssh took ${seconds(openMs)} s; over a connection that ssh keeps open it takes about ${seconds(openMs * REMAINS)} s. In ~/.ssh/config:`,
    `  Host ${name}`,
    '    ControlMaster auto',
    '    ControlPath ~/.ssh/cm-%C',
    '    ControlPersist 60',
    '    ServerAliveInterval 5',
    'Without the last line ssh hangs for minutes once such a host is gone. This is said once; docs/ssh.md has more.',
  ];
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1);
}
