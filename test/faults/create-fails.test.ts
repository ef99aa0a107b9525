import { describe, expect, it } from 'vitest';
import { useHost } from '../integration/support.ts';
import { BROKEN, BUSY, INJECTED, listedState, plowWith, tells } from './faulty.ts';
import type { LibvirtError, Traced } from './faulty.ts';
import { atEachCall, destroyTakesAll, leftovers, unless } from './matrix.ts';
import type { Check, Step } from './matrix.ts';
import { ALL_CASES } from './tally.ts';
import { CHANGES, Tried } from './tried.ts';
import { ACTIVE_POOL, EVERYTHING, STALE_POOL, VARIANTS } from './variants.ts';

const host = useHost();
const COVERED = { workflow: 'create', counter: 'calls covered' } as const;

/**
 * Calls that a create does without: a host may have no interface driver, a pool that does not stop is asked
 * twice, an image that an old pool cannot describe is looked for anew, and what QEMU cannot do its start tells.
 */
const TOLERATED =
  /^(?:virConnectGetDomainCapabilities|virInterface\w+|virStoragePoolDestroy|virStorageVolGetXMLDesc)$/u;

/** Of what plow cannot look at, VMs that may use it are asked for too. */
function expectedCode(call: string, { stderr }: Traced): number {
  if (call === 'virConnectOpen') return 3;
  if (call === 'virConnectListAllDomains' && stderr.includes('error: cannot look at /')) return 5;
  return /^virSto|^virStream|^virConnectListAllStoragePools$/u.test(call) ? 5 : 4;
}

/** The error that is shown is that of the call that failed, and no other. */
function wrongError(call: string, result: Traced): readonly string[] {
  const shown = call === 'virConnectOpen' ? /^error: /mu.test(result.stderr) : tells(result, call, INJECTED);
  return [
    ...unless(result.code === expectedCode(call, result), `exit code ${result.code}`),
    ...unless(shown, `not the one error: ${result.stderr}`),
  ];
}

function leaked({ references }: Traced): readonly string[] {
  return unless((references ?? 0) === 0, `${references} references`);
}

async function isRunning({ host: current }: Step): Promise<readonly string[]> {
  const state = await listedState(current, 'web');
  return unless(state === 'running', `listed as ${state}`);
}

const failing: Check = async (step) => {
  const { host: current, at, call, file } = step;
  const fault = { at, action: 'fail', error: INJECTED } as const;
  const failed = await plowWith(current, ['--verbose', 'create', file], fault);
  if (failed.code === 0) {
    const tolerated = unless(TOLERATED.test(call), 'nobody noticed');
    return [...leaked(failed), ...tolerated, ...(await isRunning(step))];
  }
  const left = await leftovers(step);
  const again = await current.plow(['create', file]);
  const done = unless(again.code === 0, `again: ${again.stderr}`);
  return [...leaked(failed), ...wrongError(call, failed), ...left, ...done];
};

const tried = new Tried();

describe.each(VARIANTS)('create, of $title,', (variant) => {
  it('with any one call that fails leaves nothing, tells the first error, and can be run again', async () => {
    expect(await atEachCall(host(), variant, { ...COVERED, tried }, failing)).toEqual([]);
  });
});

const disconnecting: Check = async (step) => {
  const { host: current, at, call, calls, file } = step;
  const broken = await plowWith(current, ['create', file], { at, action: 'disconnect', error: BROKEN });
  if (broken.code === 0) {
    // All that was left to do was to stop a pool.
    const last = at > calls.lastIndexOf('virDomainSetMetadata');
    return [...unless(last, 'nobody noticed'), ...(await isRunning(step))];
  }
  const state = await listedState(current, 'web');
  const halfDone = state === undefined || state === 'incomplete';
  const told = call === 'virConnectOpen' || /^error: .*: the line to \S+ broke$/mu.test(broken.stderr);
  return [
    ...unless(broken.code === 3 && told, `exit code ${broken.code}: ${broken.stderr}`),
    ...unless(halfDone, `listed as ${state}`),
    ...(await destroyTakesAll(step, state !== undefined)),
  ];
};

describe.each(ALL_CASES ? VARIANTS : [EVERYTHING])('create, of $title,', (variant) => {
  it('whose connection breaks says so, and destroy removes what it left', async () => {
    const covered = { ...COVERED, tried: new Tried(CHANGES) };
    expect(await atEachCall(host(), variant, covered, disconnecting)).toEqual([]);
  });
});

/** Calls on a pool that libvirt refuses while an upload or a copy is under way in it. */
const REFUSED = { calls: /^virStoragePool(?:Refresh|Destroy|Delete|Undefine)$/u, fewest: 1 };

const refused =
  (error: LibvirtError): Check =>
  async (step) => {
    const { host: current, at, file } = step;
    const busy = await plowWith(current, ['create', file], { at, action: 'fail', error, times: 3 });
    const quiet = busy.stderr.replace(/^uploading .*\n/mu, '') === '';
    return [
      ...unless(busy.code === 0 && quiet, `exit code ${busy.code}: ${busy.stderr}`),
      ...(await isRunning(step)),
    ];
  };

/** Both errors are taken by the same line of code. */
const FEW = BUSY.slice(0, ALL_CASES ? undefined : 1);

describe.each([
  { ...EVERYTHING, errors: BUSY },
  { ...ACTIVE_POOL, errors: FEW },
  { ...STALE_POOL, errors: FEW },
])('create, of $title,', ({ errors, ...variant }) => {
  it.each(errors)(
    'waits for the jobs of others on a pool, error $code, and says nothing of it',
    async (error) => {
      const covered = { ...COVERED, only: REFUSED };
      expect(await atEachCall(host(), variant, covered, refused(error))).toEqual([]);
    },
  );
});
