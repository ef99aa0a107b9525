import { chmod, chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { useHost } from '../support.ts';
import { vm } from '../vms.ts';

const host = useHost();
const RFB = fileURLToPath(new URL('rfb.mjs', import.meta.url));
/** A plow whose clock is 45 seconds behind: what it says is good for a minute is for a quarter of one. */
const LATE = fileURLToPath(new URL('late.cjs', import.meta.url));

/** Logs in as a viewer does. @param where a port, or the path of a socket */
const login = (where: number | string, ...password: readonly string[]): Promise<string> =>
  host().sh([process.execPath, RFB, where, ...password].map((word) => `'${word}'`).join(' '));

async function newPassword(env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { code, stdout, stderr } = await host().plow(['--verbose', 'vnc', '--password', 'web'], env);
  const password = stdout.trim();
  expect({ code, password }).toEqual({
    code: 0,
    password: expect.stringMatching(/^[a-zA-Z2-9]{8}$/u) as unknown,
  });
  expect(stderr).not.toContain(password);
  return password;
}

/** All that others may read of a VM, and what is kept of it. */
const TOLD = `cat /proc/[0-9]*/cmdline | tr '\\0' ' '; cat /var/log/libvirt/*.log /var/log/libvirt/qemu/*.log
  virsh -q dumpxml web; virsh -q dumpxml --inactive --security-info web; virsh -q metadata web urn:plow:domain:1
  find /etc/libvirt /var/lib/libvirt /run/libvirt -type f -perm /077 -exec cat {} + | tr '\\0' ' '`;

it('lets nobody in until there is one, with that one alone, and with the last one', async () => {
  await host().given(vm({ vnc: { listen: '127.0.0.1', port: 5911, one_time_password: true } }));
  expect(await login(5911)).toBe('offers 2');
  for (const guess of ['', 'password', '\\0']) expect(await login(5911, guess)).toBe('refused');
  const first = await newPassword();
  expect(await login(5911, first)).toBe('in');
  expect(await login(5911, `${first.slice(0, 7)}0`)).toBe('refused');
  expect(await login(5911, '')).toBe('refused');
  const second = await newPassword();
  expect(second).not.toBe(first);
  expect([await login(5911, first), await login(5911, second)]).toEqual(['refused', 'in']);
  const told = await host().sh(TOLD);
  expect(told).toContain('<name>web</name>');
  expect([told.includes(first), told.includes(second)]).toEqual([false, false]);
  await host().virsh('destroy web');
  await host().virsh('start web');
  expect(await login(5911, second)).toBe('refused');
  await host().discard('web');
});

it('is good for a time only', async () => {
  await host().given(vm({ vnc: { listen: 'socket', one_time_password: true } }));
  const socket = await host().sh('ls /var/lib/libvirt/qemu/domain-*-web/vnc.sock');
  const password = await newPassword({ NODE_OPTIONS: `--require ${LATE}` });
  expect(await login(socket, password)).toBe('in');
  await expect.poll(() => login(socket, password), { timeout: 60_000, interval: 500 }).toBe('refused');
  expect(
    await host()
      .sh(`until=$(virsh -q dumpxml --security-info web | sed -n "s/.*passwdValidTo='\\([^']*\\)'.*/\\1/p")
    [ $(date -u +%s) -ge $(date -u -d "$until" +%s) ] && echo over`),
  ).toBe('over');
  await host().discard('web');
});

it('takes the place of that of a file, until the VM starts again', async () => {
  const file = join(host().files, 'pw');
  await writeFile(file, 'canary 7\n', { mode: 0o600 });
  const made = await host().create(vm({ vnc: { listen: '0.0.0.0', port: 5912, password_file: 'pw' } }));
  expect([made.code, made.stderr]).toEqual([
    0,
    expect.stringMatching(
      /vm\.yaml:\d+:\d+: vnc\.listen: other machines reach 0\.0\.0\.0: VNC does not encrypt what is shown and typed/u,
    ),
  ]);
  const far = await host().sh(
    `exec 3<>/dev/tcp/10.77.0.11/5912; head -c 12 <&3`.replace(/^/u, "bash -c '").concat("'"),
  );
  expect(far).toBe('RFB 003.008');
  expect([await login(5912), await login(5912, 'canary 7'), await login(5912, 'canary')]).toEqual([
    'offers 2',
    'in',
    'refused',
  ]);
  const password = await newPassword();
  expect([await login(5912, 'canary 7'), await login(5912, password)]).toEqual(['refused', 'in']);
  expect(await host().sh(TOLD.replace('--inactive --security-info', '--inactive'))).not.toMatch(
    new RegExp(`canary 7|${password}`, 'u'),
  );
  await host().virsh('destroy web');
  await host().virsh('start web');
  expect([await login(5912, 'canary 7'), await login(5912, password)]).toEqual(['in', 'refused']);
  await host().discard('web');
});

it('is not taken from a file that others may read or own, or that holds none', async () => {
  const file = join(host().files, 'pw');
  const refusal = async (): Promise<string> => {
    const { code, stderr } = await host().create(vm({ vnc: { listen: '0.0.0.0', password_file: 'pw' } }));
    expect(code).toBe(2);
    return /vnc\.password_file: .*/u.exec(stderr)?.[0] ?? stderr;
  };
  await writeFile(file, 'canary-9-characters\n', { mode: 0o600 });
  expect(await refusal()).toBe(
    'vnc.password_file: "pw" holds 19 characters: a password of VNC has at most 8',
  );
  await writeFile(file, 'canary7\n');
  await chmod(file, 0o640);
  expect(await refusal()).toContain('others may read it: chmod 600 it');
  await chmod(file, 0o600);
  await chown(file, 65_534, 65_534);
  expect(await refusal()).toContain(
    'it belongs to uid 65534, and neither to you nor to the owner of the VM file: chown it',
  );
  expect(await host().sh('virsh -q list --all')).toBe('');
});
