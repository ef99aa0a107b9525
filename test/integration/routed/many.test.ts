import { expect, it } from 'vitest';
import { until } from '../../lab/bird.ts';
import { routedVm, useFabric } from './fabric.ts';

const fabric = useFabric();
const NUMBERS = Array.from({ length: 20 }, (_, index) => index + 1);

/** The guests that the router knows a way to. */
const known = async (): Promise<number> =>
  Number(await fabric().onRouter("ip route show proto bird | grep -c '^10.55.1.' || true"));

it('twenty VMs at once are announced one and all, and withdrawn', async () => {
  const files = await Promise.all(
    NUMBERS.map((number) =>
      fabric()
        .host()
        .write(routedVm(`vm-${number}`, `10.55.1.${number}`), `vm-${number}.yaml`),
    ),
  );
  const made = await fabric()
    .host()
    .plow(['create', ...files]);
  expect(made).toMatchObject({ code: 0 });
  const ended = performance.now();
  await until('all twenty are known', async () => (await known()) === NUMBERS.length);
  console.log(`all known ${Math.round(performance.now() - ended)} ms after create`);

  expect(await fabric().host().plow(['destroy', '--yes', '--force', 'vm-*'])).toMatchObject({ code: 0 });
  await until('none of them is known', async () => (await known()) === 0);
  expect(await fabric().host().sh('ls /sys/class/net | grep -c "^vm" || true')).toBe('0');
});
