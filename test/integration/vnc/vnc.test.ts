import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { useHost } from '../support.ts';
import { vm } from '../vms.ts';

const host = useHost();

/** Starts `plow vnc web` in the background, and does something with its port, which is $P. */
function whileVnc(work: string, options = ''): Promise<{ code: number; stdout: string; stderr: string }> {
  return host().plowInShell(`
    out=$(mktemp -p /run); "$@" vnc ${options} web > $out 2> $out.err & plow=$!
    for i in $(seq 200); do grep -q '^vnc://' $out && break; kill -0 $plow 2> /dev/null || break; sleep 0.05; done
    P=$(sed -n 's#^vnc://127.0.0.1:##p' $out)
    ${work}
    kill -INT $plow 2> /dev/null; wait $plow; code=$?
    cat $out.err >&2; rm $out $out.err; exit $code`);
}

const GREETING = 'exec 3<>/dev/tcp/127.0.0.1/$P; head -c 12 <&3';

it('is a screen without a socket, which a viewer sees through the connection', async () => {
  await host().given(vm({ vnc: true }));
  expect(await host().virsh('dumpxml web')).toContain("<listen type='none'/>");
  expect(await host().sh('ss -ltnH | grep -c :59 || true')).toBe('0');
  const { stdout, stderr, code } = await whileVnc(`(${GREETING}); for i in 1 2 3 4 5 6; do sleep 0.1; done`);
  expect({ stdout, stderr, code }).toEqual({
    stdout: 'RFB 003.008\n',
    stderr: `the screen of VM 'web', for one viewer; Ctrl-C ends it\nthe viewer has left\n`,
    code: 0,
  });
  const shown = await host().plow(['show', 'web']);
  expect(shown.stdout).toContain('Console:      vnc (no socket: plow vnc opens it)\n');
  expect(shown.stdout).not.toContain('Differences');
  const exported = await host().plow(['export', 'web']);
  expect(exported.stdout).toMatch(/^vnc: true$/mu);
  await host().discard('web');
});

it('is for one viewer of the same user; others hear so in their viewers', async () => {
  await host().given(vm({ vnc: true }));
  const second = `(exec 4<>/dev/tcp/127.0.0.1/$P; printf 'RFB 003.008\\n' >&4; timeout 2 tail -c +18 <&4; echo)`;
  const { stdout, stderr, code } = await whileVnc(`
    exec 3<>/dev/tcp/127.0.0.1/$P; head -c 12 <&3
    ${second}
    setpriv --reuid 65534 --clear-groups bash -c "P=$P; ${second.replaceAll('$P', '\\$P').replaceAll('"', '\\"')}"`);
  expect(stdout).toBe(`RFB 003.008
somebody looks at this screen already
this screen is for the user who started plow vnc alone
`);
  expect(stderr).toContain('a viewer was sent away: somebody looks at this screen already\n');
  expect(stderr).toContain(
    'a viewer was sent away: this screen is for the user who started plow vnc alone\n',
  );
  expect(code).toBe(130);
  await host().discard('web');
});

it('ends with the VM, and says what is missing of one that is off or has no screen', async () => {
  const made = await host().create(vm({ vnc: { listen: '127.0.0.1', port: 5907 } }));
  expect(made.code).toBe(0);
  expect(made.stderr).toContain('every user of the hypervisor reaches 127.0.0.1');
  const shown = await host().plow(['show', 'web']);
  expect(shown.stdout).toContain('Console:      vnc 127.0.0.1:5907\n');
  const { stderr, code } = await whileVnc('virsh --quiet destroy web; sleep 1');
  expect([code, stderr]).toEqual([
    0,
    `the screen of VM 'web', for one viewer; Ctrl-C ends it\nthe screen of VM 'web' is closed\n`,
  ]);
  const off = await host().plow(['vnc', 'web']);
  expect([off.code, off.stderr]).toEqual([
    4,
    `error: VM 'web' is not running\nhint: plow start web starts it\n`,
  ]);
  const taken = await host().create(
    vm({
      name: 'other',
      vnc: { port: 5907 },
      network_interfaces: [{ ip: '10.77.0.51/24', gateway: '10.77.0.1', bridge: 'br0' }],
    }),
  );
  expect(taken.stderr).toContain("vnc.port: VM 'web' has it as well: only one of them can run at a time");
  await host().discard('other');
  expect((await host().plow(['destroy', 'web'])).code).toBe(0);
  await host().foreignVm('create --paused', { name: 'web' });
  const none = await host().plow(['vnc', 'web']);
  expect([none.code, none.stderr]).toEqual([
    4,
    expect.stringMatching(
      /^error: VM 'web' has no screen\nhint: one that is made with vnc: true .*virsh edit web/u,
    ),
  ]);
  await host().virsh('destroy web');
});

it('is refused before anything is made where its port is taken, or its address is none', async () => {
  const before = await host().sh('ls /var/lib/libvirt/images');
  const taken = await host().plowInShell(
    `python3 -c 'import socket, time; s = socket.create_server(("127.0.0.1", 5908)); print("up", flush=True); time.sleep(60)' > /run/up & other=$!
    until [ -s /run/up ]; do sleep 0.05; done
    "$@" create ${await host().write(vm({ vnc: { port: 5908 } }))}; code=$?; kill $other; rm /run/up; exit $code`,
  );
  expect([taken.code, taken.stderr]).toEqual([
    2,
    expect.stringContaining('vnc.port: something on the hypervisor listens at port 5908 already'),
  ]);
  const nowhere = await host().create(vm({ vnc: { listen: '127.0.0.1' }, name: 'nowhere' }));
  expect(nowhere.code).toBe(0);
  await host().discard('nowhere');
  await writeFile(join(host().files, 'pw'), 'canary7\n', { mode: 0o600 });
  const absent = await host().create(vm({ vnc: { listen: '10.99.0.1', password_file: 'pw' } }));
  expect(absent.code).toBe(2);
  expect(absent.stderr).toContain('vnc.listen: the hypervisor has no address 10.99.0.1');
  expect(await host().sh('ls /var/lib/libvirt/images')).toBe(before);
});

it('has a password in the document of libvirt alone', async () => {
  const file = join(host().files, 'pw');
  await writeFile(file, 'canary7\n', { mode: 0o600 });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const config = await host().write(vm({ vnc: { listen: '0.0.0.0', password_file: 'pw' } }));
  const dry = await host().plow(['--verbose', 'create', '--dry-run', config]);
  const made = await host().plow(['--verbose', 'create', config]);
  const shown = await host().plow(['show', '-o', 'json', 'web']);
  const exported = await host().plow(['export', 'web']);
  for (const one of [dry, made, shown, exported]) {
    expect(one.code).toBe(0);
    expect(`${one.stdout}${one.stderr}`).not.toContain('canary7');
  }
  expect(dry.stdout).toContain('passwd="(a secret: --show-secrets shows it)"');
  expect(await host().virsh('dumpxml --security-info web')).toContain("passwd='canary7'");
  expect(await host().sh('cat /proc/[0-9]*/cmdline | tr "\\0" " "')).not.toContain('canary7');
  expect(await host().sh('cat /var/log/libvirt/qemu/web.log')).not.toContain('canary7');
  await host().discard('web');
});

it('costs one round trip more than a look at the VM', async () => {
  await host().given(vm({ vnc: true }));
  const { stderr } = await whileVnc('', '--verbose');
  const calls = [...stderr.matchAll(/^libvirt: \S+ (\w+)/gmu)].map(([, call]) => call);
  expect(calls.filter((call) => call?.startsWith('virDomain'))).toEqual([
    'virDomainLookupByName',
    'virDomainGetXMLDesc',
    'virDomainOpenGraphicsFD',
  ]);
  await host().discard('web');
});
