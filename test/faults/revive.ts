import type { TestHost } from '../integration/support.ts';

/** Prints 'ended' where libvirtd is gone, though its pid file is not: it removes that as it is asked to end. */
const LOOK = `pid=$(cat /run/libvirtd.pid 2> /dev/null) || exit 0
  kill -0 "$pid" 2> /dev/null || { echo ended; tail -n 5 /var/log/libvirt/libvirtd.log; dmesg 2> /dev/null | grep libvirtd | tail -n 2; }`;

/**
 * A libvirtd that has ended by itself, which no test asked of it, is started again, as systemd would do it
 * (Restart=on-failure in libvirtd.service), and what it said last is printed.
 * @returns whether it had ended
 */
async function revived(host: TestHost): Promise<boolean> {
  const { stdout } = await host.exec(['sh', '-c', LOOK]);
  if (!stdout.startsWith('ended')) return false;
  console.warn(
    `libvirtd of ${host.name} ended by itself: ${stdout.slice('ended'.length).trim() || 'without a word'}`,
  );
  await host.libvirtd('start');
  await host.virsh('uri');
  return true;
}

/**
 * What is wrong after a step. Where libvirtd ended by itself in it, that is not what the step is about: it is
 * taken once more, by itself.
 * @param anew makes the hosts fit for it again
 */
export async function takenAgain(
  hosts: readonly TestHost[],
  anew: () => Promise<unknown>,
  take: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const found = await take();
  if (found.length === 0) return found;
  const ended = await Promise.all(hosts.map(revived));
  if (!ended.includes(true)) return found;
  console.warn(`the step is taken again; it found: ${found.join('\n')}`);
  await anew();
  return take();
}
