import { describe, expect, it } from 'vitest';
import { tapFor } from '../../../src/config/values/tap.ts';
import { addressOf, routerConfig, until } from '../../lab/bird.ts';
import { run } from '../../run.ts';
import { routedVm, useFabric } from './fabric.ts';

const isTried = process.env['PLOW_ROUTED'] === 'all';
if (!isTried)
  console.log('not tried here, as it takes a minute: live migration of routed VMs (PLOW_ROUTED=all)');

const IP = '10.55.22.22';
const NAMES = ['h1', 'h2'];

/** Slow enough that what is announced too early, or too late, costs many. */
const MIB_PER_SECOND = 12;
const PINGS = 160;
const MOST_LOST = 5;

describe.skipIf(!isTried)('live migration of a routed VM', () => {
  const fabric = useFabric(2);

  /** The router takes the routes of where the guest goes to as soon as it hears of them: the worst case. */
  async function migrate(from: string, to: string): Promise<void> {
    await fabric().router.configure(routerConfig(NAMES, to));
    const how = `--live --unsafe --persistent --undefinesource --bandwidth ${MIB_PER_SECOND}`;
    const way = [fabric().lab.uri(to), '--migrateuri', `tcp://${addressOf(to)}`];
    await run('virsh', ['-q', '-c', fabric().lab.uri(from), 'migrate', ...how.split(' '), 'web', ...way]);
  }

  /** @returns the packets that were lost meanwhile */
  async function losses(work: () => Promise<unknown>): Promise<number> {
    let isOver = false;
    const pinging = fabric().ping(IP, `-c ${PINGS} -i 0.1`);
    const ends = pinging.finally(() => void (isOver = true));
    await work();
    // Otherwise the end, when the guest is at neither host, was not looked at.
    expect(isOver).toBe(false);
    return ends;
  }

  const isThere = async (host: string): Promise<boolean> =>
    (await fabric().lab.exec(host, ['ip', 'link', 'show', tapFor(IP)])).code === 0;

  async function aborted(): Promise<void> {
    const outcome = migrate('h1', 'h2').then(() => 'moved', String);
    await until('a third is copied', async () => {
      const told = await fabric().host().sh('virsh domjobinfo web | grep "Data processed" || true');
      return / [3-9]\d\.\d+ MiB/u.test(told);
    });
    await fabric().host().virsh('domjobabort web');
    expect(await outcome).toContain('abort');
  }

  it(`loses at most ${MOST_LOST} of ${PINGS} pings in either direction, and when it is aborted`, async () => {
    await fabric()
      .host()
      .given(routedVm('web', IP, 'busybox.qcow2'));
    await fabric().answers(IP);
    // Its disks, which nobody writes to, as on storage that both hosts have.
    await run('cp', ['-a', `${fabric().lab.images('h1')}/web`, fabric().lab.images('h2')]);
    const there = await losses(() => migrate('h1', 'h2'));
    await fabric().routed(IP, 'h2');
    const back = await losses(() => migrate('h2', 'h1'));
    await fabric().routed(IP, 'h1');
    const stayed = await losses(aborted);
    await until('the other host has let go', async () => !(await isThere('h2')));
    await fabric().routed(IP, 'h1');
    console.log(`lost ${there} of ${PINGS} pings there, ${back} back, ${stayed} as it was aborted`);
    expect([there, back, stayed].filter((lost) => lost > MOST_LOST)).toEqual([]);
    await fabric().host('h2').sh('rm -r /var/lib/libvirt/images/web');
    await fabric().host().discard('web');
  });
});
