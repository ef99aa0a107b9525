import { describe, expect, it } from 'vitest';
import { TestHost, useHost } from './support.ts';
import { IMAGES, UNSTARTABLE, vm } from './vms.ts';

const host = useHost();

const HASH_CANARY = 'CanaryOfTheHash';
/** 16 characters that base64 gives back as they are, where they stand on a multiple of 4. */
const KEY_CANARY = 'CanaryOfThisKey0';
const COMMENT_CANARY = 'canary@comment';
const CANARIES = [HASH_CANARY, KEY_CANARY, COMMENT_CANARY];
const FIND = CANARIES.map((canary) => `-e ${canary}`).join(' ');
const SEED = `${IMAGES}/web/cloudinit.iso`;

/** A public key of the right shape with the canary in its 32 bytes. */
function key(): string {
  const type = Buffer.from('ssh-ed25519');
  const wanted = Buffer.from(KEY_CANARY, 'base64');
  // 19 bytes come before the 32 of the key, and 21 make whole base64 groups.
  const bytes = Buffer.concat([Buffer.alloc(2, 1), wanted, Buffer.alloc(30 - wanted.length, 7)]);
  const blob = Buffer.concat([type, bytes].flatMap((part) => [Buffer.from([0, 0, 0, part.length]), part]));
  return `ssh-ed25519 ${blob.toString('base64')} ${COMMENT_CANARY}`;
}

const HASH = `$6$saltsalt$${HASH_CANARY.padEnd(86, 'x')}`;
const SECRETS = { cloud_init: { root_password_hash: HASH, ssh_keys: [key()] } };

/** Where a host keeps what others may come across; private to it, but for /tmp and /var/tmp. */
const PLACES = '/etc/libvirt /run /var/lib/libvirt /var/cache/libvirt /var/log/libvirt /dev/shm';
const NOBODY = 'setpriv --reuid=65534 --regid=65534 --clear-groups';
/** Anyone can read it, so that a search which does not find it is none. */
const DECOY = '/run/decoy';

/**
 * Files that hold a canary, for a user that a command prefix gives. Devices, and the test's own files, do not
 * count.
 */
async function holding(current: TestHost, as = ''): Promise<readonly string[]> {
  // grep ends with 2 where a file is gone by now or may not be read, and xargs then with 123.
  const found = await current.sh(
    `echo ${HASH_CANARY} > ${DECOY}; chmod 644 ${DECOY}
     { find ${PLACES} -type f -size -64M; find /tmp /var/tmp -xdev -newer ${current.files}/begun -type f -size -64M \
         -not -path '${current.files}/*' -not -path '/tmp/plow-[0-9]*/*' 2> ${current.files}/vanished || [ -s ${current.files}/vanished ]; } > ${current.files}/looked-at
     xargs -d '\n' ${as} grep -l -s -F ${FIND} < ${current.files}/looked-at || [ $? = 123 ]
     rm ${DECOY}`,
  );
  const files = found.split('\n');
  expect(files).toContain(DECOY);
  return files.filter((file) => file !== DECOY);
}

/** Files that hold a line of a private host key, which no other VM has. */
async function holdingHostKeys(current: TestHost): Promise<readonly string[]> {
  const found = await current.sh(`isoinfo -J -i ${SEED} -x /user-data > ${current.files}/user-data
    for key in ed25519 ecdsa; do
      line=$(grep -A 4 "^  \${key}_private:" ${current.files}/user-data | sed -n '5s/^ *//p')
      [ \${#line} -gt 40 ]
      find ${PLACES} /tmp /var/tmp -xdev -type f -size -64M -not -path '${current.files}/*' -not -path '/tmp/plow-[0-9]*/*' \\
        -exec grep -l -s -F -e "$line" {} + || true
    done`);
  return [...new Set(found.split('\n'))];
}

/** What read-only clients and those with all rights get to see of a VM. */
async function documents(current: TestHost): Promise<string> {
  const readOnly = "-c 'qemu:///system?socket=/run/libvirt/libvirt-sock-ro'";
  return current.sh(`virsh dumpxml web --security-info; virsh dumpxml web --inactive; virsh -r dumpxml web
    virsh -r metadata web urn:plow:domain:1; ${NOBODY} virsh -r ${readOnly} dumpxml web
    virsh pool-list --details --all; virsh -r vol-dumpxml ${SEED}; virsh -r vol-list seeds --details`);
}

/** What clients get of the seed itself: all of it with all rights, and nothing read-only. */
async function download(
  current: TestHost,
  client: string,
): Promise<{ code: number; stderr: string; bytes: string }> {
  const file = '/dev/shm/downloaded';
  const { code, stderr } = await current.exec([
    'sh',
    '-c',
    `umask 0; : > ${file}; ${client} vol-download --pool seeds cloudinit.iso ${file}`,
  ]);
  const bytes = await current.sh(`strings -n 8 ${file}; rm ${file}`);
  return { code, stderr, bytes };
}

/**
 * Runs plow while another user looks at the arguments of every process there is, and gives all that was seen.
 */
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

async function begin(changes: object = {}): Promise<string> {
  const file = await host().write(vm({ ...SECRETS, ...changes }));
  await host().sh(`chmod 600 ${file}; touch ${host().files}/begun`);
  return file;
}

describe('password hash, keys and user-data', () => {
  it('are in the seed, where root finds them, and nowhere else while the VM lives and after', async () => {
    const file = await begin({ firmware: 'uefi' });
    const create = await watched(['--verbose', 'create', file]);
    expect(create.code).toBe(0);
    checkWatched(create);
    for (const canary of CANARIES) expect(await host().sh(`grep -c ${canary} ${SEED}`)).not.toBe('0');
    expect(await holding(host())).toEqual([SEED]);
    expect(await holding(host(), NOBODY)).toEqual([]);
    expect(await holdingHostKeys(host())).toEqual([SEED]);
    await host().virsh('destroy web');
    const destroy = await watched(['--verbose', 'destroy', 'web']);
    expect(destroy.code).toBe(0);
    checkWatched(destroy);
    expect(await holding(host())).toEqual([]);
  });

  it('are not given to read-only clients, neither in documents nor as the seed', async () => {
    await begin();
    await host().given(vm(SECRETS));
    await host().virsh(`pool-create-as seeds dir --target ${IMAGES}/web`);
    const shown = await documents(host());
    expect(shown).toContain('urn:plow:domain:1');
    expect(shown).toContain(SEED);
    expect(canariesIn(shown)).toEqual([]);
    expect(canariesIn((await download(host(), 'virsh')).bytes)).toEqual(CANARIES);
    const readOnly = "virsh -r -c 'qemu:///system?socket=/run/libvirt/libvirt-sock-ro'";
    for (const client of ['virsh -r', readOnly, `${NOBODY} ${readOnly}`]) {
      const { code, stderr, bytes } = await download(host(), client);
      expect(stderr).toMatch(/read.?only|forbidden/u);
      expect([code, bytes]).toEqual([1, '']);
    }
    await host().virsh('pool-destroy seeds');
    await host().discard('web');
  });

  it.each([
    [
      'a check',
      2,
      'bridge',
      { network_interfaces: [{ ip: '10.77.0.50/24', gateway: '10.77.0.1', bridge: 'nobridge' }] },
      '',
    ],
    [
      'storage',
      5,
      'cloudinit.iso already exists',
      {},
      `install -d -m 0710 -g 64055 ${IMAGES}/web; touch ${SEED}`,
    ],
    ['the start', 4, "error: cannot start VM 'web'", UNSTARTABLE, ''],
  ])('are nowhere after a create that failed at %s', async (_, code, words, changes, prepare) => {
    const file = await begin(changes);
    await host().sh(`: ; ${prepare}`);
    const create = await watched(['--verbose', 'create', file]);
    expect(create.code).toBe(code);
    expect(create.said).toContain(words);
    checkWatched(create);
    expect(await holding(host())).toEqual([]);
    await host().sh(`rm -rf ${IMAGES}/web`);
  });

  it.each([
    ['a hash that is none', { cloud_init: { root_password_hash: `$6$${HASH_CANARY}` } }],
    ['a password', { cloud_init: { root_password_hash: HASH_CANARY } }],
    ['a mistake beside them', { cloud_init: { ...SECRETS.cloud_init, sshkeys: [key()] }, vcpus: 0 }],
    ['a hash of another shape', { cloud_init: { root_password_hash: [HASH] } }],
    [
      'a key that was cut off',
      {
        cloud_init: {
          ssh_keys: [
            key()
              .replace(/7 canary.*/u, ' canary@comment')
              .replace('BwcH', ''),
          ],
        },
      },
    ],
    [
      'a key that is not base64',
      { cloud_init: { ssh_keys: [`ssh-ed25519 ${KEY_CANARY}! ${COMMENT_CANARY}`] } },
    ],
    ['a key of an unknown type', { cloud_init: { ssh_keys: [`ssh-odd ${KEY_CANARY} ${COMMENT_CANARY}`] } }],
    ['a key of two lines', { cloud_init: { ssh_keys: [`${key()}\n${key()}`] } }],
    ['a key without its type', { cloud_init: { ssh_keys: [`${KEY_CANARY} ${COMMENT_CANARY}`] } }],
    ['keys that are no list', { cloud_init: { ssh_keys: key() } }],
    ['keys of another shape', { cloud_init: { ssh_keys: [{ [KEY_CANARY]: key() }, [key()]] } }],
  ])('are not quoted in an error about %s', async (_, changes) => {
    const result = await host().create(vm(changes));
    expect(result.code).toBe(2);
    expect(canariesIn(result.stderr)).toEqual([]);
  });
});
