import { describe, expect, it } from 'vitest';
import { useHost } from '../integration/support.ts';
import { pace } from '../pace.ts';
import { listedState, plowWith } from './faulty.ts';
import { atEachCall, destroyTakesAll, STOPPING, unless } from './matrix.ts';
import type { Check, Sample, Sampled, Step } from './matrix.ts';
import { ALL_CASES } from './tally.ts';
import { CHANGES, Tried } from './tried.ts';
import { EVERYTHING, OBEDIENT, VARIANTS } from './variants.ts';

const host = useHost();
const WITHIN_MS = 10_000;
const KILL = 'kill -KILL "$(< /run/libvirtd.pid)"; while [[ -e /proc/$(< /run/libvirtd.pid) ]]; do :; done';
const RESTART = `${KILL}; libvirtd --daemon && virsh --quiet uri`;

/** Calls of a create, a destroy, and the stop of a guest, if not all that are sampled. */
type Few = Partial<Record<'create' | 'destroy' | 'stop', Sample>>;

/** plow deals with a libvirtd that is back as with one that is not: a few calls tell whether it does. */
const FEW: Few = ALL_CASES
  ? {}
  : {
      create: {
        calls: /^vir(?:StorageVolCreateXML|Domain(?:DefineXMLFlags|Create|SetMetadata))$/u,
        fewest: 4,
      },
      destroy: { calls: /^vir(?:StorageVolDelete|DomainUndefineFlags)$/u, fewest: 2 },
      stop: { calls: /^virDomain(?:GetState|ShutdownFlags)$/u, fewest: 2 },
    };
const DEATHS: readonly (readonly [string, string, Few])[] = [
  ['killed', KILL, {}],
  ['restarted', RESTART, FEW],
];

/** libvirtd itself leaves the file where it is killed as it takes leave of a QEMU that has just ended. */
const FORGOTTEN_PID = `pid=/run/libvirt/qemu/web.pid
  if [ -e $pid ] && ! kill -0 "$(cat $pid)" 2> /dev/null && [ "$(virsh -q domstate web)" != running ]; then rm $pid; fi`;

/** Runs plow with a libvirtd that dies as a call is made, and brings libvirtd back. */
async function survive(
  { host: current, at }: Step,
  argv: readonly string[],
  command: string,
): Promise<string[]> {
  const started = performance.now();
  const { code, stderr } = await plowWith(current, argv, { at, action: 'run', command });
  const took = performance.now() - started;
  if (command === KILL) await current.libvirtd('start');
  await current.virsh('uri');
  await current.exec(['sh', '-c', FORGOTTEN_PID]);
  // A restarted libvirtd may be back before plow asks.
  const clear = code === 3 ? /^error: .*(?:broke|not running)/mu.test(stderr) : code === 0;
  return [
    ...unless(clear, `exit code ${code}: ${stderr}`),
    ...unless(took < WITHIN_MS || took < WITHIN_MS * pace(), `took ${took} ms`),
  ];
}

function checkCreate(command: string): Check {
  return async (step) => {
    const problems = await survive(step, ['create', step.file], command);
    const state = await listedState(step.host, 'web');
    // Restarted before plow connects, or killed with the last changes made, a libvirtd harms nothing.
    const late = step.at === 0 || step.at >= step.calls.lastIndexOf('virDomainSetMetadata');
    return [
      ...problems,
      ...unless(state === undefined || state === 'incomplete' || late, `listed as ${state}`),
      ...(await destroyTakesAll(step, state !== undefined)),
    ];
  };
}

function checkDestroy(command: string): Check {
  return async (step) => [
    ...(await survive(step, ['destroy', 'web'], command)),
    ...(await destroyTakesAll(step)),
  ];
}

const chosen = ALL_CASES ? VARIANTS : [EVERYTHING];

describe.each(chosen)('$title', (variant) => {
  it.each(DEATHS)(
    'create says so when libvirtd is %s at a call, and destroy removes what is left',
    async (_, command, { create }) => {
      const covered = {
        workflow: 'create',
        counter: 'kill points',
        only: create,
        tried: new Tried(CHANGES),
      } as const;
      expect(await atEachCall(host(), variant, covered, checkCreate(command))).toEqual([]);
    },
  );
});

/** Guests that run outlive their libvirtd. */
const DESTROYED: readonly Sampled[] = [...chosen, { ...OBEDIENT, only: { calls: STOPPING, fewest: 3 } }];

describe.each(DESTROYED)('$title', ({ only, ...variant }) => {
  it.each(DEATHS)(
    'destroy says so when libvirtd is %s at a call, and can be run again',
    async (_, command, few) => {
      const covered = {
        workflow: 'destroy',
        counter: 'kill points',
        only: only === undefined ? few.destroy : (few.stop ?? only),
        tried: new Tried(only === undefined ? CHANGES : undefined),
      } as const;
      expect(await atEachCall(host(), variant, covered, checkDestroy(command))).toEqual([]);
    },
  );
});
