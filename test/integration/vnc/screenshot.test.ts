import { expect, it } from 'vitest';
import { useHost } from '../support.ts';
import { vm } from '../vms.ts';

const host = useHost();

it('is a picture of the screen, in a file of one user, which is not overwritten', async () => {
  await host().given(vm({ vnc: { listen: '127.0.0.1', one_time_password: true } }));
  const shot = await host().plowInShell(`
    cd ${host().files}; "$@" screenshot web; echo $?; stat -c %a web.png; head -c 4 web.png | tail -c 3; echo
    "$@" screenshot web; echo $?; "$@" screenshot --force web; echo $?; "$@" screenshot web - | head -c 4 | tail -c 3
    echo; rm web.png; ls -A | grep png`);
  expect(shot.stdout.trim().split('\n')).toEqual(['web.png', '0', '600', 'PNG', '1', 'web.png', '0', 'PNG']);
  expect(shot.stderr).toBe('error: cannot write web.png: it is there already\nhint: --force overwrites it\n');
  const set = await host().plow(['--verbose', 'vnc', '--password', 'web']);
  expect([set.code, set.stdout]).toEqual([0, expect.stringMatching(/^[a-zA-Z2-9]{8}\n$/u)]);
  expect(set.stderr).toContain("good for 60 seconds, for the screen of VM 'web'\n");
  expect(set.stderr).not.toContain(set.stdout.trim());
  expect(await host().virsh('dumpxml --security-info web')).toContain(`passwd='${set.stdout.trim()}'`);
  expect(await host().virsh('dumpxml --security-info --inactive web')).toContain("passwd=''");
  await host().discard('web');
});

it('is none of a VM without a screen, or with none that asks for a password', async () => {
  await host().given(vm());
  const none = await host().plow(['screenshot', 'web']);
  expect([none.code, none.stderr]).toEqual([4, expect.stringMatching(/^error: VM 'web' has no screen\n/u)]);
  await host().discard('web');
  await host().given(vm({ vnc: true }));
  const open = await host().plow(['vnc', '--password', 'web']);
  expect([open.code, open.stdout]).toEqual([4, '']);
  expect(open.stderr).toMatch(/^error: the screen of VM 'web' asks for no password\n/u);
  await host().discard('web');
});
