import { withoutPassword } from '../text/secrets.ts';
import { withDeadline } from './connection/line/deadline.ts';
import { hasPolkitAgent } from '../this-machine/polkit-agents.ts';
import { noAnswer } from './open-failure.ts';
import { isLocalSystemUri } from './uri.ts';

/** Who runs plow, whom polkit may ask for a password before libvirt answers. */
export interface Person {
  readonly userId: number;
  /** Of the environment. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Shows a line, where there is a terminal. */
  tell(words: string): void;
  /** Reads what is printed, and asked for nothing less than all of it. */
  readonly takesAdvice?: boolean;
}

/** A server that accepts and then says nothing would keep virConnectOpen waiting for ever. */
const USUAL_MS = 10_000;
/** What a person may need for a password. */
const DIALOG_MS = 120_000;
const TOLD_AFTER_MS = 3000;

/**
 * Waits for an open: longer where a dialog may be up, of which a line tells.
 * @throws PlowError (connection) where it takes too long; the open goes on unseen
 */
export async function untilAnswered<T>(
  uri: string,
  opening: Promise<T>,
  person: Person | undefined,
): Promise<T> {
  if (person === undefined || person.userId === 0 || !isLocalSystemUri(uri)) {
    return withDeadline(opening, USUAL_MS, () => noAnswer(uri, USUAL_MS));
  }
  const slow = new Error('slow');
  try {
    return await withDeadline(opening, TOLD_AFTER_MS, () => slow);
  } catch (error) {
    if (error !== slow) throw error;
  }
  const asks = mayBeAsked(person.variables);
  if (asks) person.tell(`waiting for libvirt at ${withoutPassword(uri)}: a dialog may ask for a password`);
  const inAll = asks ? DIALOG_MS : USUAL_MS;
  return withDeadline(opening, inAll - TOLD_AFTER_MS, () => noAnswer(uri, inAll, asks));
}

function mayBeAsked({ DISPLAY = '', WAYLAND_DISPLAY = '' }: Person['variables']): boolean {
  return `${DISPLAY}${WAYLAND_DISPLAY}` !== '' || hasPolkitAgent();
}
