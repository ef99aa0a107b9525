import { describe, expect, it } from 'vitest';
import { PLOW, useHost } from './support.ts';
import { vm } from './vms.ts';

const host = useHost();

const NOT_RUNNING =
  'hint: start it: sudo systemctl start libvirtd (or virtqemud.socket), or give another URI with --connect\n';
const check = (uri: string): string =>
  `hint: check the URI and that libvirtd runs there: virsh -c ${uri} version\n`;
const NOT_A_URI =
  'hint: use qemu:///system, qemu:///session or qemu+ssh://root@host/system (see https://libvirt.org/uri.html)\n';
const DENIED =
  'hint: join the group libvirt (sudo usermod -aG libvirt $USER, then log in again), or use -c qemu:///session\n';
const NO_LIBRARY =
  'error: cannot load libvirt.so.0: the libvirt client library is not installed\nhint: install it: apt install libvirt0 (Debian, Ubuntu), dnf install libvirt-libs (Fedora, RHEL)\n';

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
      `cannot connect to qemu+unix:///system?socket=/no/such: libvirtd is not running\n${NOT_RUNNING}`,
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
    expect(stderr).toContain(`error: cannot connect to ${uri}: `);
    expect(stderr).toContain('Could not resolve hostname no-such-host.invalid');
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
      stderr: `error: cannot connect to qemu:///system: libvirtd is not running\n${NOT_RUNNING}`,
    });
  });

  it('without the right to use its socket', async () => {
    const result = await host().plowInShell('setpriv --reuid 65534 --regid 65534 --clear-groups "$@" list');
    expect(result).toEqual({
      code: 3,
      stdout: '',
      stderr: `error: no permission to use libvirt at qemu:///system\n${DENIED}`,
    });
  });

  it('without libvirt.so.0, which help and the version do not need', async () => {
    const library = await host().sh('readlink -f /usr/lib/*/libvirt.so.0');
    const without = `: > /run/empty; mount --bind /run/empty ${library}; rm /run/empty`;
    const run = (command: string): Promise<object> =>
      host().exec(['unshare', '--mount', 'bash', '-c', `${without}; "$@" ${command}`, 'bash', ...PLOW]);
    expect(await run('list')).toEqual({ code: 3, stdout: '', stderr: NO_LIBRARY });
    expect(await run('--version')).toMatchObject({ code: 0, stderr: '' });
    expect(await run('create --help')).toMatchObject({ code: 0, stderr: '' });
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
    expect(seconds).toBeLessThan(13);
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
    expect(seconds).toBeLessThan(3);
  });
});
