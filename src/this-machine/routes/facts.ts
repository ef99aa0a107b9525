import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { Changed, HostRoute, RouteFacts, Tap, TapEnds } from '../../hypervisor/routes.ts';
import { bird, switchProtocol } from './bird.ts';
import { hostRoutesIn, tapsIn } from './kernel.ts';
import { run } from './run.ts';

const FOR_ALL_TO_READ = 0o644;

/** This machine. */
export const ROUTE_FACTS: RouteFacts = {
  async taps() {
    const links = tapsIn(await printed(['-j', 'addr', 'show']));
    if (links === undefined) return undefined;
    return Promise.all(
      links.map(async (link): Promise<Tap> => {
        const [filter, off] = await Promise.all([
          setting(`ipv4/conf/${link.name}/rp_filter`),
          setting(`ipv6/conf/${link.name}/disable_ipv6`),
        ]);
        return { ...link, filter, ipv6: off === undefined ? await hasIpv6() : off === 0 };
      }),
    );
  },
  async hostRoutes(): Promise<readonly HostRoute[] | undefined> {
    return hostRoutesIn(await printed(['-j', '-4', 'route', 'show']));
  },
  async forwards() {
    const value = await setting('ipv4/ip_forward');
    return value === undefined ? undefined : value !== 0;
  },
  filterOfAll: () => setting('ipv4/conf/all/rp_filter'),
  async guards(tables) {
    const all = await Promise.all(tables.map((table) => run('nft', ['list', 'table', ...table.split(' ')])));
    const texts = all.map((ran) => {
      if (typeof ran !== 'object') return undefined;
      if (ran.code === 0) return ran.stdout;
      return /No such file or directory/u.test(ran.stderr) ? '' : undefined;
    });
    return texts.includes(undefined) ? undefined : texts.join('\n');
  },
  bird,
  switchProtocol,
  withdraw: (ends) => change([...whatOf(ends, 'del'), ...wordsOf(ends)]),
  giveBack: (ends) => change([...whatOf(ends, 'replace'), ...wordsOf(ends), 'scope', 'link']),
  async keepFile(path, text) {
    try {
      // Whoever reads it meanwhile finds all of it, or what was there.
      const beside = `${path}.new`;
      if (text === undefined) for (const one of [path, beside]) await rm(one, { force: true });
      else {
        await writeFile(beside, text);
        // Whatever umask whoever runs plow has: BIRD reads it too.
        await chmod(beside, FOR_ALL_TO_READ);
        await rename(beside, path);
      }
      return 'done';
    } catch (error) {
      return { why: error instanceof Error ? error.message : String(error) };
    }
  },
};

function whatOf({ by }: TapEnds, verb: 'del' | 'replace'): readonly string[] {
  return [by === 'address' ? 'addr' : 'route', verb];
}

function wordsOf({ by, tap, local, peer }: TapEnds): readonly string[] {
  return [...(by === 'address' ? [local, 'peer'] : []), `${peer}/32`, 'dev', tap];
}

/** Anything that is no JSON where it cannot be asked. */
async function printed(args: readonly string[]): Promise<string> {
  const ran = await run('ip', args);
  return typeof ran === 'object' && ran.code === 0 ? ran.stdout : '?';
}

/** What it takes away may be gone by now, with its tap or without. */
const GONE = /Address not found|Cannot assign requested address|Cannot find device|No such process/u;

async function change(args: readonly string[]): Promise<Changed> {
  const ran = await run('ip', args);
  if (ran === 'missing') return { why: 'iproute2 is not installed' };
  if (ran === 'late') return { why: 'ip did not answer' };
  if (ran.code === 0 || (args[1] === 'del' && GONE.test(ran.stderr))) return 'done';
  return { why: ran.stderr };
}

/** A number of /proc/sys/net. */
async function setting(name: string): Promise<number | undefined> {
  try {
    return Number(await readFile(`/proc/sys/net/${name}`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** A kernel without IPv6 has no settings of it. */
async function hasIpv6(): Promise<boolean | undefined> {
  return (await setting('ipv6/conf/all/disable_ipv6')) === undefined ? false : undefined;
}
