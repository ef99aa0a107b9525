import { PlowError } from '../../../errors/plow-error.ts';
import { printable } from '../../../text/printable.ts';
import { shellArgument } from '../../../text/shell-quote.ts';
import { openChannel } from '../../../this-machine/screen/channel.ts';
import { LOOPBACK } from '../../../this-machine/screen/loopback.ts';
import { serveOne } from '../../../this-machine/screen/one-viewer.ts';
import type { Door, Serving } from '../../../this-machine/screen/one-viewer.ts';
import { leadingPage } from '../../../this-machine/screen/web/leading-page.ts';
import type { LeadingPage } from '../../../this-machine/screen/web/leading-page.ts';
import { NoChannel } from '../../../this-machine/screen/way.ts';
import type { Channel } from '../../../this-machine/screen/way.ts';
import { screenOf } from '../../../vm/vnc/screen-of.ts';
import type { VmScreen } from '../../../vm/vnc/screen-of.ts';
import type { Environment } from '../../environment.ts';
import { checkVmName } from '../../options/vm-name.ts';
import { aborted } from '../../run/aborted.ts';
import { whyNot } from '../../run/private-files.ts';
import { withHypervisor } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';
import { onceASecond } from './once-a-second.ts';
import { startViewer } from './viewer.ts';

interface Wish {
  readonly open: boolean;
  readonly web: boolean;
}

/** `plow vnc <vm-name>` @throws PlowError, Interrupted */
export async function runVnc(
  name: string,
  { open, web }: Wish,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  checkVmName('vnc', name);
  const { output } = environment;
  const screen = await withHypervisor(settings, environment, (hypervisor) => screenOf(name, hypervisor));
  const { signal } = environment.interruptible(undefined);
  const channel = await channelTo(screen, signal);
  const shown = printable(screen.name);
  try {
    const tell = (why: string): void => output.say(`a viewer was sent away: ${why}`);
    const onRefused = onceASecond(tell, () => performance.now());
    const door = { users: usersOf(environment), onRefused };
    const { serving, url } = await (web ? inBrowser(screen.name, channel, door) : inViewer(channel, door));
    try {
      await using page = open && web ? await pageTo(url) : undefined;
      output.print(url);
      output.say(`the screen of VM '${shown}', for one viewer; Ctrl-C ends it`);
      const address = { host: LOOPBACK, port: serving.port, url: page?.path ?? url };
      const how = { isForBrowser: web, isSeen: () => serving.isSeen() };
      const viewer = open ? [(await startViewer(address, how, environment)).failed] : [];
      const end = await Promise.race([serving.ended, aborted(signal), ...viewer]);
      output.say(end === 'viewer' ? 'the viewer has left' : await wordsOfEnd(screen.name, channel));
    } finally {
      serving.close();
    }
  } finally {
    channel.end();
  }
}

/** Of a screen that is gone. @throws PlowError (connection) where the way to it broke */
async function wordsOfEnd(name: string, channel: Channel): Promise<string> {
  const why = await channel.whyBroken();
  if (why === undefined) return `the screen of VM '${printable(name)}' is closed`;
  throw new PlowError('connection', `the way to the screen of VM '${name}' broke: ${why}`);
}

/** A screen that is served, and where. */
interface Served {
  readonly serving: Serving;
  readonly url: string;
}

async function inViewer(channel: Channel, door: Door): Promise<Served> {
  const serving = await serveOne(channel, door);
  return { serving, url: `vnc://${LOOPBACK}:${serving.port}` };
}

async function inBrowser(name: string, channel: Channel, door: Door): Promise<Served> {
  const [{ serveWeb }, { webFiles }] = await Promise.all([
    import('../../../this-machine/screen/web/web.ts'),
    import('./web-files.ts'),
  ]);
  const serving = await serveWeb(channel, (token) => webFiles(name, token), door);
  return { serving, url: `http://${LOOPBACK}:${serving.port}/?token=${serving.token}` };
}

/**
 * What a browser is called with: everybody may read that, and is not to read the token.
 * @throws PlowError (config)
 */
async function pageTo(url: string): Promise<LeadingPage> {
  try {
    return await leadingPage(url);
  } catch (cause) {
    throw new PlowError('config', `cannot write a page for the browser: ${whyNot(cause).words}`, {
      hint: 'TMPDIR names the directory for it; without --open any browser can be given the address',
      cause,
    });
  }
}

/** @throws PlowError (connection) */
async function channelTo({ name, way }: VmScreen, signal: AbortSignal): Promise<Channel> {
  try {
    return await openChannel(way, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof NoChannel)) throw error;
    throw new PlowError('connection', `cannot reach the screen of VM '${name}': ${error.message}`, {
      hint: error.hint ?? `its QEMU may hang: plow show ${shellArgument(name)} tells how it is`,
      cause: error,
    });
  }
}

/** Whoever started plow, be it by sudo; root may look at everything anyway. */
function usersOf({ userId, variables }: Environment): readonly number[] {
  const caller = Number(variables['SUDO_UID'] ?? Number.NaN);
  return [0, userId, ...(userId === 0 && Number.isInteger(caller) ? [caller] : [])];
}
