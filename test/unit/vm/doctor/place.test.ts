import { expect, it } from 'vitest';
import { checkPlace } from '../../../../src/vm/doctor/place.ts';
import { host, look } from './look.ts';

it.each([
  [
    'hidden',
    "does not run on the hypervisor's own machine: the process of libvirt's server is not to be seen",
  ],
  ['other-files', "does not run on the hypervisor's own machine: libvirt's server has other file systems"],
  ['other-network', "does not run on the hypervisor's own machine: libvirt's server has another network"],
  ['relay', "may not run on the hypervisor's own machine: what listens at libvirt's socket is no server"],
  ['untold', "may not run on the hypervisor's own machine: libvirt's server could not be looked at"],
] as const)('a hypervisor that is not here, %s, is told with the reason', async (notHere, words) => {
  const context = host((hypervisor) => (hypervisor.notHere = notHere));
  const [told, ...others] = await look(checkPlace, context);
  expect(told).toContain(`unknown: not checked: files and links, as plow ${words}`);
  expect(others).toStrictEqual([]);
  expect(context.hypervisor.calls).toStrictEqual([]);
});

it('nothing is said of one that is here, or whose URI names another machine', async () => {
  expect(await look(checkPlace, host())).toStrictEqual([]);
});
