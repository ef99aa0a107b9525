import { describe, expect, it } from 'vitest';
import { TestHost, useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();

const HASH_CANARY = 'CanaryOfTheHash';
const KEY_CANARY = 'CanaryOfTheKey';
const COMMENT_CANARY = 'canary@comment';
const CANARIES = [HASH_CANARY, KEY_CANARY, COMMENT_CANARY];
const FIND = CANARIES.map((canary) => `-e ${canary}`).join(' ');

/** A public key of the right shape with the canary in its 32 bytes. */
function key(): string {
  const type = Buffer.from('ssh-ed25519');
  const wanted = Buffer.from(KEY_CANARY, 'base64');
  // 19 bytes come before the 32 of the key, and 20 make whole base64 groups after another two.
  const bytes = Buffer.concat([Buffer.alloc(2, 1), wanted, Buffer.alloc(30 - wanted.length, 7)]);
  const blob = Buffer.concat([type, bytes].flatMap((part) => [Buffer.from([0, 0, 0, part.length]), part]));
  return `ssh-ed25519 ${blob.toString('base64')} ${COMMENT_CANARY}`;
}

const HASH = `$6$saltsalt$${HASH_CANARY.padEnd(86, 'x')}`;
const SECRETS = { cloud_init: { root_password_hash: HASH, ssh_keys: [key()] } };

/** Where a host keeps what others may come across; private to it, but for /tmp and /var/tmp. */
const PLACES = '/etc/libvirt /run /var/lib/libvirt /var/cache/libvirt /var/log/libvirt /dev/shm';
const NOBODY = 'setpriv --reuid=65534 --regid=65534 --clear-groups';

/** Files that hold a canary, for a user that a command prefix gives. Devices, and the test's own file, do not count. */
function holding(current: TestHost, as = ''): Promise<string> {
  return current.sh(
    `{ find ${PLACES} -type f -size -64M 2>/dev/null; find /tmp /var/tmp -xdev -newer ${current.files}/begun -type f -size -64M \\
         -not -path '${current.files}/*' -not -path '/tmp/plow-[0-9]*/*' 2>/dev/null; } |
       xargs -r -d '\\n' ${as} grep -l -s -F ${FIND} || true`,
  );
}

/** What read-only clients and those with all rights get to see of a VM. */
function documents(current: TestHost): Promise<string> {
  return current.sh(`virsh dumpxml web --security-info; virsh dumpxml web --inactive; virsh -r dumpxml web
    virsh -r metadata web urn:plow:domain:1; ${NOBODY} virsh -r -c 'qemu:///system?socket=/run/libvirt/libvirt-sock-ro' dumpxml web 2>&1 || true
    virsh -r vol-download --pool x cloudinit.iso /dev/null 2>&1 || true; virsh pool-list --details --all`);
}

/** Runs plow while another user looks at the arguments of every process there is, and gives all that was seen. */
async function watched(argv: readonly string[]): Promise<{ code: number; said: string; seen: string }> {
  const { code, stdout, stderr } = await host().plowInShell(
    `"$@" ${argv.join(' ')} > /run/said 2>&1 & while kill -0 $! 2> /dev/null; do
       ${NOBODY} cat /proc/[0-9]*/cmdline 2> /dev/null | tr '\\0' ' '; echo; done | sort -u >&2
     wait $!; code=$?; cat /run/said; rm /run/said; exit $code`,
  );
  return { code, said: stdout, seen: stderr };
}

/** The canaries in a text. */
function canariesIn(text: string): readonly string[] {
  return CANARIES.filter((canary) => text.includes(canary));
}

/** Nothing was said, or could be seen while plow ran, that was not meant for others. */
function checkWatched({ said, seen }: { said: string; seen: string }): void {
  expect(seen.includes('dist/plow.cjs --verbose')).toBe(true);
  expect(canariesIn(said + seen)).toEqual([]);
}

describe('password hash, keys and user-data', () => {
  it('are in the seed, where root finds them, and nowhere else while the VM lives and after', async () => {
    const file = await host().write(vm({ ...SECRETS, firmware: 'uefi' }));
    await host().sh(`chmod 600 ${file}; touch ${host().files}/begun`);
    const create = await watched(['--verbose', 'create', file]);
    expect(create.code).toBe(0);
    checkWatched(create);
    expect(await holding(host())).toBe(`${IMAGES}/web/cloudinit.iso`);
    expect(await holding(host(), NOBODY)).toBe('');
    const shown = await documents(host());
    expect(shown).toContain('urn:plow:domain:1');
    expect(canariesIn(shown)).toEqual([]);
    await host().virsh('destroy web');
    const destroy = await watched(['--verbose', 'destroy', 'web']);
    expect(destroy.code).toBe(0);
    checkWatched(destroy);
    expect(await holding(host())).toBe('');
  });

  it('are nowhere after a create that failed', async () => {
    const file = await host().write(vm({ ...SECRETS, memory_gib: 65_536 }));
    await host().sh(`touch ${host().files}/begun`);
    const create = await watched(['--verbose', 'create', file]);
    expect(create.code).toBe(4);
    expect(create.said).toContain("error: cannot start VM 'web'");
    checkWatched(create);
    expect(await holding(host())).toBe('');
  });

  it.each([
    ['a hash that is none', { cloud_init: { root_password_hash: `$6$${HASH_CANARY}` } }],
    ['a password', { cloud_init: { root_password_hash: HASH_CANARY } }],
    ['a mistake beside them', { cloud_init: { ...SECRETS.cloud_init, sshkeys: [key()] }, vcpus: 0 }],
    ['a key of another shape', { cloud_init: { root_password_hash: [HASH] } }],
  ])('are not quoted in an error about %s', async (_, changes) => {
    const result = await host().create(vm(changes));
    expect(result.code).toBe(2);
    expect(result.stderr).not.toContain(HASH_CANARY);
  });
});
