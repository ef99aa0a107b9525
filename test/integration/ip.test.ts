import { expect, it } from 'vitest';
import { useHost } from './support.ts';
import { vm } from './vms.ts';

const host = useHost();
const FILE = '/tmp/plow-ip.yaml';

it('the next free address is none of a VM, a file, a gateway or the hypervisor', async () => {
  await host().given(vm());
  const file = vm({
    name: 'other',
    network_interfaces: [{ ip: '10.77.0.2/24', gateway: '10.77.0.3', bridge: 'br0' }],
  });
  await host().sh(`echo '${JSON.stringify(file)}' > ${FILE}`);
  const { stdout } = await host().plow(['ip', 'next', '-o', 'json', '10.77.0.0/24', FILE]);
  const told = JSON.parse(stdout) as { addresses: string[]; taken: { address: string; why: string }[] };
  expect(told.addresses).toEqual(['10.77.0.4/24']);
  const why = new Map(told.taken.map((one) => [one.address, one.why]));
  expect(why.get('10.77.0.50')).toBe("VM 'web'");
  expect(why.get('10.77.0.2')).toContain(FILE);
  expect(why.get('10.77.0.11')).toBe('the hypervisor itself');
  const several = await host().plow(['ip', 'next', '10.77.0.50/24', '--count', '2']);
  expect(several).toMatchObject({ code: 0, stdout: '10.77.0.51/24\n10.77.0.52/24\n' });
  expect(await host().plow(['ip', 'next', '10.77.0.50/32'])).toMatchObject({ code: 4 });
  expect(await host().plow(['ip', 'next', '10.77.0/24'])).toMatchObject({ code: 1 });
  await host().plow(['destroy', '--force', 'web']);
  await host().sh(`rm ${FILE}`);
});
