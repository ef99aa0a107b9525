import { afterEach, expect, it } from 'vitest';
import { tapFor } from '../../../src/config/values/tap.ts';
import { hookScript } from '../../../src/routing/hook.ts';
import { HOOK_FILE } from '../../../src/routing/places.ts';
import { plowConfig, roleConfig, roleHook, routedVm, SESSION, USER_HOOK, useFabric } from './fabric.ts';

const fabric = useFabric();
const IP = '10.55.22.22';

const address = (): Promise<string> =>
  fabric()
    .host()
    .sh(`ip -o -4 address show ${tapFor(IP)} | sed 's/.*inet \\([^ ]* peer [^ ]*\\).*/\\1/'`);

afterEach(async () => {
  await fabric().hook(HOOK_FILE, hookScript());
  await fabric().host().sh(`rm -f ${USER_HOOK} /var/log/libvirt/role-hook.log`);
});

it("the role's own hook runs beside plow's, and its bird.conf announces a guest once", async () => {
  await fabric().hook(USER_HOOK, await roleHook());
  const plows = plowConfig('h1');
  for (const [config, session] of [
    [plows, SESSION],
    [await roleConfig('h1'), 'uplink'],
  ] as const) {
    await fabric().bird().configure(config);
    await fabric().bird().established(session);
    await fabric().host().given(routedVm('web', IP));
    await fabric().routed(IP, 'h1');
    expect((await fabric().router.birdc(`show route ${IP}/32`)).match(/unicast/gu)).toHaveLength(1);
    expect(await fabric().host().sh('cat /var/log/libvirt/role-hook.log')).toContain('web started begin');
    await fabric().host().discard('web');
    await fabric().routed(IP);
    expect(await fabric().host().sh(`ip route show ${IP}`)).toBe('');
  }
  await fabric().bird().configure(plows);
  await fabric().bird().established(SESSION);
  // The role's BIRD believes a route of the kernel for two more seconds, and the router those of a session that ended.
  await fabric().routed(IP);
});

it('a hook that fails keeps a VM from starting, and says so', async () => {
  await fabric().hook(HOOK_FILE, '#!/bin/sh\necho "no luck" >&2\nexit 1\n');
  await expect(fabric().host().given(routedVm('web', IP))).rejects.toThrow(/no luck/u);
  await fabric().hook(HOOK_FILE, hookScript());
  await fabric().host().given(routedVm('web', IP));
  await fabric().routed(IP, 'h1');
  await fabric().host().discard('web');
});

it.each([
  ['is missing', `rm ${HOOK_FILE}`],
  ['may not be run', `chmod 644 ${HOOK_FILE}`],
])('libvirt starts a VM without a word where the hook %s, and nobody hears of it', async (_case, command) => {
  await fabric().host().given(routedVm('web', IP));
  await fabric().routed(IP, 'h1');
  await fabric().host().virsh('destroy web');
  await fabric().routed(IP);
  await fabric().host().sh(command);
  await fabric().host().virsh('start web');
  expect(await address()).toBe('');
  expect(await fabric().routes(IP)).toEqual([]);
  await fabric().host().discard('web');
});
