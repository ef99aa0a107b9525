import { describe, expect, it } from 'vitest';
import { PLOW, useHost } from './support.ts';
import { DOMAIN_GET_XML_DESC, relay } from '../lab/relay.ts';
import { vm } from './vms.ts';
import { pace } from '../pace.ts';

const host = useHost();

const NOT_RUNNING =
  'hint: start it: sudo systemctl start libvirtd (or virtqemud.socket), or give another URI with --connect\n';
const detail = (words: string): string => `detail: ${words}\n`;
const NO_SOCKET = detail(
  "Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory",
);
const check = (uri: string): string =>
  `hint: check the URI and that libvirtd or virtqemud runs there: virsh -c ${uri} version\n`;
const NOT_A_URI =
  'hint: use qemu:///system, qemu:///session or qemu+ssh://root@host/system (see https://libvirt.org/uri.html), or an alias of libvirt.conf\n';
const DENIED =
  'hint: join the group libvirt (sudo usermod -aG libvirt $USER, then log in again), or use -c qemu:///session\n';
const NO_LIBRARY =
  /^error: cannot load libvirt\.so\.0: the libvirt client library is not installed\ndetail: .*\nhint: install it: apt install libvirt0\n$/u;

describe('a hypervisor that cannot be used', () => {
  it.each([
    ['nonsense', `'nonsense' is not a libvirt URI that plow can use\n${NOT_A_URI}`],
    ['', `'' is not a libvirt URI that plow can use\n${NOT_A_URI}`],
    ['xen:///system', `'xen:///system' is not a libvirt URI that plow can use\n${NOT_A_URI}`],
    ['qemu:///nope', `'qemu:///nope' is not a libvirt URI that plow can use\n${NOT_A_URI}`],
    [
      'qemu:///embed?root=/run/embedded',
      `'qemu:///embed?root=/run/embedded' is not a libvirt URI that plow can use\n${NOT_A_URI}`,
    ],
    [
      'qemu+unix:///system?socket=/no/such',
      `cannot connect to qemu+unix:///system?socket=/no/such: libvirtd is not running\n${detail("Failed to connect socket to '/no/such': No such file or directory")}${NOT_RUNNING}`,
    ],
    [
      'qemu+tcp://127.0.0.1/system',
      `cannot connect to qemu+tcp://127.0.0.1/system: unable to connect to server at '127.0.0.1:16509': Connection refused\n${check('qemu+tcp://127.0.0.1/system')}`,
    ],
  ])('at %j', async (uri, words) => {
    const result = await host().plow(['-c', uri, 'list']);
    expect(result).toEqual({ code: 3, stdout: '', stderr: `error: ${words}` });
  });

  it('at a host whose name nobody knows', async () => {
    const uri = 'qemu+ssh://root@no-such-host.invalid/system';
    const { code, stdout, stderr } = await host().plow(['-c', uri, 'list']);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(
      /^error: cannot connect to no-such-host\.invalid over ssh: ssh: Could not resolve hostname no-such-host\.invalid: [^\r\n]*\ndetail: [^]*\nhint: ssh root@no-such-host\.invalid true tells whether ssh comes through\n$/u,
    );
  });

  it.each([['list'], ['create'], ['destroy']])('without a libvirtd, for %s', async (command) => {
    const file = await host().write(vm());
    await host().libvirtd('stop');
    await host().sh('while [ -e /run/libvirt/libvirt-sock ]; do sleep 0.02; done');
    const argv = { list: ['list'], create: ['create', file], destroy: ['destroy', 'web'] }[command] ?? [];
    const result = await host().plow(argv);
    await host().libvirtd('start');
    await host().virsh('uri');
    expect(result).toEqual({
      code: 3,
      stdout: '',
      stderr: `error: cannot connect to qemu:///system: libvirtd is not running\n${NO_SOCKET}${NOT_RUNNING}`,
    });
  });

  it('without the right to use its socket, for what changes something', async () => {
    const result = await host().plowInShell(
      'setpriv --reuid 65534 --regid 65534 --clear-groups "$@" start web',
    );
    expect(result).toEqual({
      code: 3,
      stdout: '',
      stderr: `error: no permission to use libvirt at qemu:///system\n${detail("Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied")}${DENIED}`,
    });
  });

  it('without libvirt.so.0, which help and the version do not need', async () => {
    const library = await host().sh('readlink -f /usr/lib/*/libvirt.so.0');
    const without = `: > /run/empty; mount --bind /run/empty ${library}; rm /run/empty`;
    const run = (command: string): Promise<object> =>
      host().exec([
        'unshare',
        '--mount',
        'bash',
        '--norc',
        '-c',
        `${without}; "$@" ${command}`,
        'bash',
        ...PLOW,
      ]);
    expect(await run('list')).toEqual({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(NO_LIBRARY) as unknown,
    });
    expect(await run('--version')).toMatchObject({ code: 0, stderr: '' });
    expect(await run('create --help')).toMatchObject({ code: 0, stderr: '' });
  });
});

describe("what libvirt's own file says of hypervisors", () => {
  it('counts as with virsh: aliases, and one for whoever names none', async () => {
    const conf = '/etc/libvirt/libvirt.conf';
    const uris = `uri_aliases = ["hail=test:///default"]\nuri_default = "hail"\n`;
    await host().sh(`cat > ${conf}`, uris);
    const listed = await host().plow(['-c', 'hail', 'list', '-o', 'name']);
    const usual = await host().plow(['list', '-o', 'name']);
    const config = await host().plow(['config']);
    const named = await host().plow(['-c', 'qemu:///system', 'list', '--all', '-o', 'name']);
    await host().sh(`rm ${conf}`);
    expect([listed.stdout, usual.stdout, named.stdout]).toEqual(['test\n', 'test\n', '']);
    expect(config.stdout).toMatch(/^connect +uri_default of libvirt\.conf +test:\/\/\/default$/mu);
  });
});

describe('a libvirtd that hangs', () => {
  it('ends plow after 10 seconds', async () => {
    await host().libvirtd('freeze');
    const started = performance.now();
    const result = await host().plow(['list']);
    const seconds = (performance.now() - started) / 1000;
    await host().libvirtd('thaw');
    expect(result).toEqual({
      code: 3,
      stdout: '',
      stderr:
        'error: no answer from qemu:///system within 10 seconds\nhint: libvirtd accepts connections but does not serve them: restart it (systemctl restart libvirtd)\n',
    });
    expect(seconds).toBeLessThan(10 + 3 * pace());
  });

  it.each(['INT', 'TERM'])('does not keep plow from ending at once on SIG%s', async (signal) => {
    await host().libvirtd('freeze');
    const started = performance.now();
    const result = await host().plowInShell(
      `set -m; "$@" list & sleep 0.7; kill -${signal} $!; wait $! 2> /dev/null`,
    );
    const seconds = (performance.now() - started) / 1000;
    await host().libvirtd('thaw');
    expect(result).toMatchObject({ code: signal === 'INT' ? 130 : 143, stdout: '' });
    expect(seconds).toBeLessThan(3 * pace());
  });
});

const words = (what: string): object => ({
  code: 3,
  stderr: expect.stringMatching(
    new RegExp(
      `^error: ${what}: the line to URI broke\n(?:detail: .*\n)?hint: [^\n]*hangs[^\n]*cut[^\n]*\n$`,
      'u',
    ),
  ) as unknown,
});

describe('a line that falls silent under a batch', () => {
  /** Of the silence, which keepalive tells after 8 seconds. */
  const WITHIN_MS = 10_000;
  const SLACK_MS = 2000;
  const DOMAINS = 4;

  it('is told by list, show and destroy in time, and not as a disk that hangs', async () => {
    await host().foreignVm('define', { name: 'vm0' });
    // Copies.
    await host().sh(`for i in $(seq ${DOMAINS - 1}); do
      virsh dumpxml vm0 | sed "s/>vm0</>vm$i</; /<uuid>/d" | virsh --quiet define /dev/stdin
    done`);
    const target = `/tmp/${host().lab.name}/h1/run/libvirt/libvirt-sock`;
    const silence = async (name: string, argv: readonly string[], nth: number): Promise<object> => {
      const path = `${host().files}/${name}`;
      const line = await relay(path, target, { procedure: DOMAIN_GET_XML_DESC, nth });
      const uri = `qemu+unix:///system?socket=${path}`;
      const working = host().plow(['-c', uri, ...argv]);
      await expect.poll(() => line.heard(), { timeout: SLACK_MS * 5 * pace() }).toBeGreaterThan(nth);
      const started = performance.now();
      const { code, stderr } = await working;
      const took = performance.now() - started;
      await line.stop();
      expect(took).toBeLessThan(WITHIN_MS + SLACK_MS * pace());
      return { code, stderr: stderr.replaceAll(uri, 'URI') };
    };
    const told = await Promise.all([
      silence('list', ['list', '--all', '-o', 'wide'], 1),
      silence('show', ['show', 'vm0'], 1),
      // Its own two first.
      silence('destroy', ['destroy', 'vm1'], 3),
    ]);
    expect(told).toEqual([
      words('cannot list the VMs'),
      words("cannot look at VM 'vm0'"),
      words("cannot remove the storage of VM 'vm1'.*"),
    ]);
    await host().sh(`for i in $(seq 0 ${DOMAINS - 1}); do virsh --quiet undefine vm$i; done`);
  });
});

describe('a line to a server that is far away', () => {
  const ROUND_TRIP_MS = 150;

  it(
    'may be silent longer than a near one, and is told within half a minute',
    { timeout: 90_000 },
    async () => {
      await host().foreignVm('define', { name: 'vm0' });
      const target = `/tmp/${host().lab.name}/h1/run/libvirt/libvirt-sock`;
      const silence = async (
        name: string,
        mostMs: number,
      ): Promise<{ readonly code: number; readonly stderr: string; readonly seconds: number }> => {
        const path = `${host().files}/${name}`;
        const line = await relay(path, target, {
          procedure: DOMAIN_GET_XML_DESC,
          nth: 1,
          roundTripMs: ROUND_TRIP_MS,
        });
        const working = host().plow(['-c', `qemu+unix:///system?socket=${path}`, 'show', 'vm0']);
        await expect.poll(() => line.heard(), { timeout: 20_000 * pace() }).toBeGreaterThan(0);
        const started = performance.now();
        const timer = setTimeout(line.speak, mostMs);
        const { code, stderr } = await working;
        clearTimeout(timer);
        await line.stop();
        return { code, stderr, seconds: (performance.now() - started) / 1000 };
      };
      const [back, gone] = await Promise.all([silence('roams', 13_000), silence('gone', 80_000)]);
      expect(back).toMatchObject({ code: 0, stderr: '' });
      expect(back.seconds).toBeGreaterThan(12);
      expect(gone).toMatchObject({
        code: 3,
        stderr: expect.stringContaining("cannot look at VM 'vm0': the line to") as unknown,
      });
      expect(gone.seconds).toBeGreaterThan(20);
      expect(gone.seconds).toBeLessThan(31 + 2 * pace());
      await host().virsh('undefine vm0');
    },
  );
});
