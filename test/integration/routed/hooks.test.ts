import { afterEach, expect, it } from 'vitest';
import { hostConfig } from '../../lab/bird.ts';
import {
  PLOW_HOOK,
  plowConfig,
  plowHook,
  roleConfig,
  roleHook,
  routedVm,
  tapOf,
  USER_HOOK,
  useFabric,
} from './fabric.ts';

const fabric = useFabric();
const IP = '10.55.22.22';

const address = (): Promise<string> =>
  fabric()
    .host()
    .sh(`ip -o -4 address show ${tapOf(IP)} | sed 's/.*inet \\([^ ]* peer [^ ]*\\).*/\\1/'`);

afterEach(async () => {
  await fabric().hook(PLOW_HOOK, await plowHook());
  await fabric().host().sh(`rm -f ${USER_HOOK} /var/log/libvirt/role-hook.log`);
});

it("the role's own hook runs beside plow's, and its bird.conf announces a guest once", async () => {
  await fabric().hook(USER_HOOK, await roleHook());
  const plows = hostConfig('h1', plowConfig('h1'));
  for (const [config, session] of [
    [plows, 'plow_10_77_0_1'],
    [await roleConfig('h1'), 'uplink'],
  ] as const) {
    await fabric().bird().configure(config);
    await fabric().bird().established(session);
    await fabric().given(routedVm('web', IP));
    await fabric().routed(IP, 'h1');
    expect((await fabric().router.birdc(`show route ${IP}/32`)).match(/unicast/gu)).toHaveLength(1);
    expect(await fabric().host().sh('cat /var/log/libvirt/role-hook.log')).toContain('web started begin\n');
    await fabric().host().discard('web');
    await fabric().routed(IP);
    expect(await fabric().host().sh(`ip route show ${IP}`)).toBe('');
  }
  await fabric().bird().configure(plows);
  await fabric().bird().established('plow_10_77_0_1');
  // The role's BIRD believes a route of the kernel for two more seconds, and the router those of a session that ended.
  await fabric().routed(IP);
});

it('a hook that fails keeps a VM from starting, and says so', async () => {
  await fabric().hook(PLOW_HOOK, '#!/bin/sh\necho "no luck" >&2\nexit 1\n');
  await expect(fabric().given(routedVm('web', IP))).rejects.toThrow(/no luck/u);
  await fabric().hook(PLOW_HOOK, await plowHook());
  await fabric().given(routedVm('web', IP));
  await fabric().routed(IP, 'h1');
  await fabric().host().discard('web');
});

it.each([
  ['is missing', `rm ${PLOW_HOOK}`],
  ['may not be run', `chmod 644 ${PLOW_HOOK}`],
])('a hook that %s leaves the tap without an address', async (_case, command) => {
  await fabric().host().sh(command);
  await fabric().given(routedVm('web', IP));
  expect(await address()).toBe('');
  expect(await fabric().routes(IP)).toEqual([]);
  await fabric().host().discard('web');
});
