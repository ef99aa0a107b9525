import { describe, expect, it } from 'vitest';
import { useHost } from '../integration/support.ts';
import { vm } from '../integration/vms.ts';
import { faultyArgv, listedState, plowWith, remove } from './faulty.ts';
import { atEachCall, unless } from './matrix.ts';
import type { Check } from './matrix.ts';
import { ALL_CASES, tally } from './tally.ts';
import { VARIANTS } from './variants.ts';

const host = useHost();
const FREEZE = 'kill -STOP "$(< /run/libvirtd.pid)"';
/** Of libvirtd's silence, until plow has said so and is gone. */
const WITHIN_MS = 10_000;
/** node's start, and a machine that is busy. */
const SLACK_MS = 2000;
const [plain] = VARIANTS;

async function timed<T>(work: Promise<T>): Promise<{ readonly result: T; readonly took: number }> {
  const started = performance.now();
  return { result: await work, took: performance.now() - started };
}

describe('a libvirtd that hangs before plow connects', () => {
  it.each([['list'], ['create'], ['destroy']])('is told by %s, in time', async (command) => {
    const file = await host().write(vm());
    const argv = { list: ['list'], create: ['create', file], destroy: ['destroy', 'web'] }[command] ?? [];
    await host().libvirtd('freeze');
    const { result, took } = await timed(host().plow(argv));
    await host().libvirtd('thaw');
    tally('hangs', 1);
    expect(result).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('error: no answer from qemu:///system within 10 seconds') as unknown,
    });
    expect(took).toBeLessThan(WITHIN_MS + SLACK_MS);
  });
});

/** Calls at which a hang is tried: one of each kind, or all. */
const SAMPLE =
  /^vir(?:ConnectGetCapabilities|DomainDefineXMLFlags|StorageVolCreateXML|DomainCreate|DomainSetMetadata|DomainGetState|StorageVolDelete|DomainUndefineFlags)$/u;

function checkHang(argv: (file: string) => readonly string[]): Check {
  return async ({ host: current, at, file }) => {
    await current.exec(['virsh', '--quiet', 'destroy', 'web']);
    const hang = { at, action: 'run', command: FREEZE } as const;
    const { result, took } = await timed(plowWith(current, argv(file), hang));
    await current.libvirtd('thaw');
    return [
      ...unless(result.code === 3 || result.code === 0, `exit code ${result.code}: ${result.stderr}`),
      ...unless(took < WITHIN_MS + SLACK_MS, `took ${took} ms`),
    ];
  };
}

describe('a libvirtd that hangs as a call is made', () => {
  it.each(['create', 'destroy'] as const)(
    'ends %s in time, and what is left can be removed',
    async (workflow) => {
      if (plain === undefined) throw new Error('there is no variant');
      const argv = (file: string): readonly string[] =>
        workflow === 'create' ? ['create', file] : ['destroy', 'web'];
      const covered = { workflow, counter: 'hangs', only: ALL_CASES ? /^/u : SAMPLE } as const;
      expect(await atEachCall(host(), plain, covered, checkHang(argv))).toEqual([]);
    },
  );

  it('does not keep Ctrl-C from being answered within a second', async () => {
    const file = await host().write(vm());
    const trace = `${host().files}/trace`;
    // The call after virDomainDefineXMLFlags.
    const argv = faultyArgv(['create', file], { at: 13, action: 'run', command: FREEZE }, trace);
    const quoted = argv.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
    const { stdout } = await host().exec([
      'bash',
      '-c',
      `set -m; ${quoted} > /dev/null 2> /run/words & set +m
      until [[ $(ps -o state= -p "$(< /run/libvirtd.pid)") == T* ]]; do :; done
      kill -INT $!; for i in {1..10}; do sleep 0.1; grep -q interrupted /run/words && break; done; echo "after $i tenths"
      kill -INT $!; wait $!; echo "ended with $?"; cat /run/words; rm /run/words`,
    ]);
    await host().libvirtd('thaw');
    await remove(host(), 'web');
    expect(stdout).toMatch(
      /^after \d tenths\nended with 130\n\ninterrupted: .*\nleft at once: .*plow destroy NAME\)\n$/u,
    );
  });
});

describe('a QEMU that hangs', () => {
  it('keeps nobody from listing, making and removing VMs, and can be removed itself', async () => {
    await host().given(vm());
    await host().sh(`kill -STOP "$(cat /run/libvirt/qemu/web.pid)"
      timeout 60 virsh qemu-monitor-command web --hmp info > /dev/null 2>&1 &`);
    const other = vm({
      name: 'other',
      network_interfaces: [{ ip: '10.77.0.51/24', gateway: '10.77.0.1', bridge: 'br0' }],
    });
    const list = await timed(listedState(host(), 'web'));
    expect(list).toMatchObject({ result: 'running' });
    expect(list.took).toBeLessThan(2 * SLACK_MS);
    expect(await host().create(other)).toMatchObject({ code: 0, stderr: '' });
    await remove(host(), 'other');
    const { result, took } = await timed(host().plow(['destroy', 'web']));
    tally('hangs', 1);
    expect(result).toMatchObject({
      code: 0,
      stderr: 'note: the guest did not shut down within 5 seconds: forced off\n',
    });
    expect(took).toBeLessThan(30_000);
  });
});
