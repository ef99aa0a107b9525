import { expect, it } from 'vitest';
import { tapFor } from '../../../src/config/values/tap.ts';
import { routedVm, useFabric } from './fabric.ts';

const fabric = useFabric();
const IP = '10.55.22.22';

it('the router hears of a guest as it starts, reaches it, and forgets it as it goes', async () => {
  const made = await fabric().seen(/\] *10\.55\.22\.22/u, () =>
    fabric()
      .host()
      .given(routedVm('web', IP, 'busybox.qcow2')),
  );
  await fabric().answers(IP);
  expect(await fabric().routes(IP)).toEqual(['h1']);
  expect(
    await fabric()
      .host()
      .sh(`ip -o -4 address show ${tapFor(IP)}`),
  ).toContain(`169.254.0.1 peer ${IP}/32`);
  const gone = await fabric().seen(/Deleted 10\.55\.22\.22/u, () => fabric().host().virsh('destroy web'));
  const there = await fabric().seen(/\] *10\.55\.22\.22/u, () => fabric().host().virsh('start web'));
  await fabric().host().discard('web');
  await fabric().routed(IP);

  console.log(
    `at the router ${made.sinceEndMs} ms after create, ${there.sinceBeginMs} ms after the begin of start and ` +
      `${there.sinceEndMs} ms after its end; withdrawn ${gone.sinceBeginMs} ms after the begin of destroy`,
  );
  // Under a second, on a machine with nothing else to do.
  expect(made.sinceEndMs).toBeLessThan(1000);
  expect(there.sinceEndMs).toBeLessThan(1000);
  expect(gone.sinceEndMs).toBeLessThan(1000);
});
