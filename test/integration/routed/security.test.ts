import { expect, it } from 'vitest';
import { tapFor } from '../../../src/config/values/tap.ts';
import { TABLE } from '../../../src/routing/places.ts';
import { until } from '../../lab/bird.ts';
import { advertiser } from '../../lab/advertisement.ts';
import { routedVm, useFabric } from './fabric.ts';

const fabric = useFabric();
const IP = '10.55.22.22';
const MAC = 'be:ef:0a:37:16:16';
const FOREIGN = '10.55.0.99';
const TAP = `/proc/sys/net/ipv4/conf/${tapFor(IP)}`;

/** The echo requests that the router has had. */
async function heard(): Promise<number> {
  const [, counts = ''] = (await fabric().onRouter("grep '^Icmp:' /proc/net/snmp")).split('\n');
  return Number(counts.split(' ')[9]);
}

let turn = 0;

/** How many of three pings from an address of the guest reach the router. */
async function reach(source: string): Promise<number> {
  const before = await heard();
  turn += 1;
  // Typed again until it is answered, and done once.
  const ping = `ping -q -c 3 -i 0.2 -W 1 -w 3 -I ${source} 10.77.0.1`;
  const once = `[ -e /turn${turn} ] || { : > /turn${turn}; ${ping}; }; echo turn ${turn}`;
  await fabric().host().guestSays('web', once, `turn ${turn}`);
  return (await heard()) - before;
}

/** What the host has taken from an advertisement. */
const defaultRoute = (): Promise<string> => fabric().host().sh('ip -6 route show default');

it('a guest speaks with its own address only, and is no router to its host', async () => {
  await fabric()
    .host()
    .given(routedVm('web', IP, 'busybox.qcow2'));
  await fabric().answers(IP);
  await fabric().host().guestSays('web', `ip addr add ${FOREIGN}/32 dev eth0; echo added`, 'added');
  expect(await reach(IP)).toBe(3);
  expect(await reach(FOREIGN)).toBe(0);
  // Each guard by itself, and neither: what is not seen before is seen then.
  await fabric().host().sh(`echo 0 > ${TAP}/rp_filter`);
  expect(await reach(FOREIGN)).toBe(0);
  await fabric().host().sh(`echo 1 > ${TAP}/rp_filter; nft delete table ${TABLE}`);
  expect(await reach(FOREIGN)).toBe(0);
  await fabric().host().sh(`echo 0 > ${TAP}/rp_filter`);
  expect(await reach(FOREIGN)).toBe(3);

  const program = advertiser(MAC).toString('base64');
  await fabric()
    .host()
    .guestSays('web', `echo ${program} | base64 -d > /ra; chmod +x /ra; echo there`, 'there');
  await fabric().host().guestSays('web', '/ra && echo sent', 'sent');
  expect(await defaultRoute()).toBe('');
  await fabric()
    .host()
    .sh(`echo 0 > /proc/sys/net/ipv6/conf/${tapFor(IP)}/disable_ipv6`);
  await until('the host takes a guest for its router', async () => {
    await fabric().host().guestSays('web', '/ra && echo sent', 'sent');
    return (await defaultRoute()) !== '';
  });
  await fabric().host().discard('web');
});
