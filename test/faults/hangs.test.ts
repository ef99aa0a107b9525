import { describe, expect, it } from 'vitest';
import { useHost } from '../integration/support.ts';
import { vm } from '../integration/vms.ts';
import { faultyArgv, listedState, plowWith, remove } from './faulty.ts';
import type { Fault } from './faulty.ts';
import { atEachCall, destroyTakesAll, STOPPING, unless } from './matrix.ts';
import type { Check, Coverage, Sample } from './matrix.ts';
import { ALL_CASES, tally } from './tally.ts';
import { Tried } from './tried.ts';
import { OBEDIENT, SEEDED } from './variants.ts';
import type { Variant } from './variants.ts';
import { pace } from '../pace.ts';

const host = useHost();
const FREEZE = 'kill -STOP "$(< /run/libvirtd.pid)"';
/** Of libvirtd's silence, until plow has said so and is gone. */
const WITHIN_MS = 10_000;
/** What libvirtd was asked before it hung it does once it thaws, whether anyone waits for it or not. */
const UNTIL_IDLE = 'virsh --quiet uri > /dev/null; sleep 0.3';

async function timed<T>(work: Promise<T>): Promise<{ readonly result: T; readonly took: number }> {
  const started = performance.now();
  return { result: await work, took: performance.now() - started };
}

/** What node's start and a busy machine may add. */
const slackMs = (): number => 2000 * pace();

describe('a libvirtd that hangs before plow connects', () => {
  it.each([['list'], ['create'], ['destroy']])('is told by %s, in time', async (command) => {
    const file = await host().write(vm());
    const argv = { list: ['list'], create: ['create', file], destroy: ['destroy', 'web'] }[command] ?? [];
    const slack = slackMs();
    await host().libvirtd('freeze');
    const { result, took } = await timed(host().plow(argv));
    await host().libvirtd('thaw');
    tally('hangs', 1);
    expect(result).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('error: no answer from qemu:///system within 10 seconds') as unknown,
    });
    expect(took).toBeLessThan(WITHIN_MS + slack);
  });
});

/** Calls at which a hang is tried: a few, or all. */
const SAMPLES = {
  create: {
    calls: /^vir(?:DomainDefineXMLFlags|StreamFinish)$/u,
    fewest: 2,
  },
  destroy: { calls: /^virStorageVolDelete$/u, fewest: 1 },
};

function checkHang(argv: (file: string) => readonly string[]): Check {
  return async (step) => {
    const { host: current, at, file, call } = step;
    const slack = slackMs();
    const hang = { at, action: 'run', command: FREEZE } as const;
    const { result, took } = await timed(plowWith(current, argv(file), hang));
    await current.libvirtd('thaw');
    await current.sh(UNTIL_IDLE);
    const told = /^error: .*(?:the line to \S+ broke|no answer)/mu.test(result.stderr);
    // Whoever makes a pool stop last does without.
    const well = (result.code === 3 && told) || (result.code === 0 && call === 'virStoragePoolDestroy');
    return [
      ...unless(well, `exit code ${result.code}: ${result.stderr}`),
      ...unless(took < WITHIN_MS + slack, `took ${took} ms`),
      ...(await destroyTakesAll(step)),
    ];
  };
}

describe('a libvirtd that hangs as a call is made', () => {
  it.each(['create', 'destroy'] as const)(
    'ends %s in time, and what is left can be removed',
    async (workflow) => {
      const argv = (file: string): readonly string[] =>
        workflow === 'create' ? ['create', file] : ['destroy', 'web'];
      const covered = {
        workflow,
        counter: 'hangs',
        only: ALL_CASES ? undefined : SAMPLES[workflow],
        tried: new Tried(),
      } as const;
      expect(await atEachCall(host(), SEEDED, covered, checkHang(argv))).toEqual([]);
    },
  );

  it('ends a destroy of a guest that runs in time, which can be run again', async () => {
    const only = { calls: STOPPING, fewest: 3 };
    const covered = { workflow: 'destroy', counter: 'hangs', only, tried: new Tried() } as const;
    expect(
      await atEachCall(
        host(),
        OBEDIENT,
        covered,
        checkHang(() => ['destroy', 'web']),
      ),
    ).toEqual([]);
  });
});

/** Presses Ctrl-C twice as libvirtd hangs, and says after how many milliseconds plow answered, and ended. */
function pressTwice(argv: readonly string[]): string {
  const quoted = argv.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
  return `set -m; ${quoted} > /dev/null 2> /run/words & set +m
    until [[ $(ps -o state= -p "$(< /run/libvirtd.pid)") == T* ]]; do :; done
    now() { date +%s%3N; }
    pressed=$(now); kill -INT $!
    until grep -q interrupt /run/words || (($(now) - pressed > 6000)); do :; done; echo "answered after $(($(now) - pressed))"
    pressed=$(now); kill -INT $!
    wait $!; echo "ended with $? after $(($(now) - pressed))"; cat /run/words; rm /run/words`;
}

function checkKeys(argv: (file: string) => readonly string[]): Check {
  return async (step) => {
    const { host: current, at, file } = step;
    const hang: Fault = { at, action: 'run', command: FREEZE };
    // Before libvirtd counts as gone.
    const limit = Math.min(ANSWER_MS * pace(), 5000);
    const pressing = pressTwice(faultyArgv(argv(file), [hang], `${current.files}/trace`));
    const { stdout } = await current.exec(['bash', '--norc', '-c', pressing]);
    await current.libvirtd('thaw');
    await current.sh(UNTIL_IDLE);
    const { answered, code, ended } = RESULT.exec(stdout)?.groups ?? {};
    return [
      ...unless(Number(answered) < limit, `not answered: ${stdout}`),
      ...unless(code === '130' && Number(ended) < limit, `not ended: ${stdout}`),
      ...unless(stdout.includes('left at once: '), `nothing is said of what may be left: ${stdout}`),
      ...(await destroyTakesAll(step)),
    ];
  };
}

const RESULT = /^answered after (?<answered>\d+)\nended with (?<code>\d+) after (?<ended>\d+)\n/u;
const ANSWER_MS = 1000;

const KEYS: readonly (readonly [Coverage['workflow'], Variant, Sample])[] = [
  [
    'create',
    SEEDED,
    {
      calls:
        /^vir(?:ConnectListAllDomains|DomainDefineXMLFlags|Storage(?:Vol|Pool)CreateXML|StreamFinish|DomainCreate|DomainSetMetadata)$/u,
      fewest: 7,
    },
  ],
  [
    'destroy',
    OBEDIENT,
    {
      calls:
        /^vir(?:DomainGetXMLDesc|DomainGetState|DomainShutdownFlags|StorageVolDelete|DomainUndefineFlags)$/u,
      fewest: 5,
    },
  ],
];

describe('a libvirtd that hangs', () => {
  it.each(KEYS)(
    'does not keep the first and second Ctrl-C of a %s from being answered within a second',
    async (workflow, variant, only) => {
      const argv = (file: string): readonly string[] =>
        workflow === 'create' ? ['create', file] : ['destroy', 'web'];
      const covered = { workflow, counter: 'hangs', only, tried: new Tried() } as const;
      expect(await atEachCall(host(), variant, covered, checkKeys(argv))).toEqual([]);
    },
  );
});

describe('a QEMU that hangs', () => {
  it('keeps nobody from listing, making and removing VMs, and can be removed itself', async () => {
    await host().given(vm());
    const slack = slackMs();
    await host().sh(`kill -STOP "$(cat /run/libvirt/qemu/web.pid)"
      timeout 60 virsh qemu-monitor-command web --hmp info > /dev/null 2>&1 &`);
    const other = vm({
      name: 'other',
      network_interfaces: [{ ip: '10.77.0.51/24', gateway: '10.77.0.1', bridge: 'br0' }],
    });
    const list = await timed(listedState(host(), 'web'));
    expect(list).toMatchObject({ result: 'running' });
    expect(list.took).toBeLessThan(2 * slack);
    expect(await host().create(other)).toMatchObject({ code: 0, stderr: '' });
    await remove(host(), 'other');
    const { result, took } = await timed(host().plow(['destroy', 'web']));
    tally('hangs', 1);
    expect(result).toMatchObject({
      code: 0,
      stderr: 'note: the guest did not shut down within 5 seconds: forced off\n',
    });
    expect(took).toBeLessThan(30_000 + slack);
  });
});
