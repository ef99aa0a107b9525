import { connect, Socket } from 'node:net';
import { greeted } from './greeting.ts';
import { patience } from './patience.ts';
import { NoChannel } from './way.ts';
import type { Channel, ChannelTo } from './way.ts';

/** A QEMU that hangs never answers. */
const WITHIN_MS = 10_000;

/** @param signal gives it up @throws NoChannel */
export async function openChannel(to: ChannelTo, signal: AbortSignal): Promise<Channel> {
  if (to.by === 'ssh') {
    const { openOverSsh } = await import('./ssh/forward.ts');
    return openOverSsh(to, signal);
  }
  const stream =
    to.by === 'file' ? new Socket({ fd: to.file }) : connect({ host: to.address, port: to.port });
  stream.on('error', () => {});
  const end = (): void => void stream.destroy();
  signal.addEventListener('abort', end, { once: true });
  using limit = patience(WITHIN_MS);
  const why = await greeted(stream, limit);
  if (why === undefined) return { stream, end, whyBroken: async () => undefined };
  end();
  throw new NoChannel(why);
}
