import { describe, expect, it } from 'vitest';
import { useHost } from '../integration/support.ts';
import { IMAGES } from '../integration/vms.ts';
import { BROKEN, BUSY, INJECTED, plowWith, tells } from './faulty.ts';
import type { Fault, LibvirtError, Traced } from './faulty.ts';
import { atEachCall, destroyTakesAll, leftovers, STOPPING, unless } from './matrix.ts';
import type { Check, Sampled, Step } from './matrix.ts';
import { ALL_CASES } from './tally.ts';
import { CHANGES, Tried } from './tried.ts';
import { ACTIVE_POOL, DEAF, EVERYTHING, OBEDIENT, VARIANTS } from './variants.ts';

const host = useHost();
const COVERED = { workflow: 'destroy', counter: 'calls covered' } as const;

/** Guests that run are stopped by a few calls more; what follows is as for one that is off. */
const STOPPED_WHEN_ASKED = { ...OBEDIENT, only: ALL_CASES ? undefined : { calls: STOPPING, fewest: 3 } };
const FORCED_OFF = { ...DEAF, only: { calls: STOPPING, fewest: 4 } };

const FAILING: readonly Sampled[] = [...VARIANTS, STOPPED_WHEN_ASKED, FORCED_OFF];
const DISCONNECTING: readonly Sampled[] = ALL_CASES ? FAILING : [EVERYTHING, STOPPED_WHEN_ASKED];

/** Of the VM's directory and what is in it: that which was not there before the VM was made. */
async function paths({ host: current, before }: Step): Promise<readonly string[]> {
  const found = await current.sh(`[ ! -e ${IMAGES}/web ] || find ${IMAGES}/web`);
  const old = new Set(before.images.map((line) => line.split(' ').at(-1)));
  return found
    .split('\n')
    .filter((path) => path !== '' && !old.has(path))
    .toSorted();
}

/** The part of a destroy that a call belongs to. */
function partOf({ at, call, calls }: Step): 'stop' | 'storage' | 'undefine' | 'check' {
  const undefining = calls.indexOf('virDomainUndefineFlags');
  if (at > undefining) return 'check';
  if (call === 'virDomainUndefineFlags') return 'undefine';
  const off = calls.findLastIndex((name, index) => index < undefining && STOPPING.test(name));
  // One look-up comes before the guest is touched, another one before the directory is opened and who stands
  // on its files is looked at.
  const storage = calls.findIndex((name, index) => {
    const isSecondLook = name === 'virDomainLookupByName' && calls[index - 1] === name;
    return index > off && (isSecondLook || /^vir(?:StoragePool|ConnectListAll)/u.test(name));
  });
  return at < storage ? 'stop' : 'storage';
}

const CODES = { stop: 4, storage: 5, undefine: 4, check: 0 } as const;

/**
 * Calls that are made once more where they fail: documents after a batch, and a pool that does not stop; and
 * that of the power button, without which the plug is pulled at once.
 */
function isAskedAgain(step: Step): boolean {
  const { call } = step;
  if (call === 'virDomainShutdownFlags') return true;
  return partOf(step) === 'storage' && (call === 'virStoragePoolDestroy' || call === 'virDomainGetXMLDesc');
}

/**
 * What is not as it must be after a destroy that failed: the VM is named, and all that is left of it; or
 * nothing is lost.
 */
async function untold(
  step: Step,
  { stdout, stderr }: Traced,
  { whole, names }: { whole: readonly string[]; names: 'all' | 'directory' },
): Promise<readonly string[]> {
  const vmNamed = /^error: (?:.*VM 'web'|cannot look up the VM)/mu.test(stderr);
  const left = await paths(step);
  const stopped = /✓ VM (?:stopped|was off)/u.test(stdout);
  const named = stopped ? left.filter((path) => names === 'all' || path === `${IMAGES}/web`) : [];
  const words = stderr.split(/[\s,;:()']+/u);
  return [
    ...unless(vmNamed, `the VM is not named: ${stderr}`),
    ...unless(
      stopped || left.join() === whole.join(),
      `removed from a VM that was not stopped: ${left.join()}`,
    ),
    ...named.filter((path) => !words.includes(path)).map((path) => `not named: ${path}; ${stderr}`),
  ];
}

/** Another destroy, which has nothing to complain of, and what is there after it. */
async function finishes(step: Step): Promise<readonly string[]> {
  const { code, stderr } = await step.host.plow(['destroy', 'web']);
  return [...unless(code === 0 && !stderr.includes('error'), `again: ${stderr}`), ...(await leftovers(step))];
}

const failing: Check = async (step) => {
  const { host: current, at, call } = step;
  const whole = await paths(step);
  const fault: Fault = { at, action: 'fail', error: INJECTED };
  const failed = await plowWith(current, ['--verbose', 'destroy', 'web'], fault);
  const freed = unless((failed.references ?? 0) === 0, `${failed.references} references`);
  if (call === 'virConnectOpen') return [...freed, ...unless(failed.code === 3, `exit code ${failed.code}`)];
  if (isAskedAgain(step) || partOf(step) === 'check') {
    const noted =
      partOf(step) === 'storage' || /^note: (?:could not |the guest cannot be asked )/mu.test(failed.stderr);
    return [
      ...freed,
      ...unless(failed.code === 0, `exit code ${failed.code}: ${failed.stderr}`),
      ...unless(noted || call === 'virStoragePoolDestroy', `nothing is said of it: ${failed.stderr}`),
      ...(await leftovers(step)),
    ];
  }
  return [
    ...freed,
    ...unless(failed.code === CODES[partOf(step)], `exit code ${failed.code}`),
    ...unless(tells(failed, call, INJECTED), `not the one error: ${failed.stderr}`),
    ...(await untold(step, failed, { whole, names: 'all' })),
    ...(await finishes(step)),
  ];
};

const tried = new Tried();

describe.each(FAILING)('destroy, of $title,', ({ only, ...variant }) => {
  it('with any one call that fails names all that is left, and a second one finishes', async () => {
    const covered = { ...COVERED, only, tried: only === undefined ? tried : new Tried() };
    expect(await atEachCall(host(), variant, covered, failing)).toEqual([]);
  });
});

const disconnecting: Check = async (step) => {
  const { host: current, at, call } = step;
  const whole = await paths(step);
  const fault: Fault = { at, action: 'disconnect', error: BROKEN };
  const broken = await plowWith(current, ['destroy', 'web'], fault);
  if (call === 'virConnectOpen') return unless(broken.code === 3, `exit code ${broken.code}`);
  if (partOf(step) === 'check') {
    // The VM is gone; a pool that was lent for the check may not be.
    return [...unless(broken.code === 0, `exit code ${broken.code}`), ...(await destroyTakesAll(step))];
  }
  return [
    ...unless(broken.code === 3, `exit code ${broken.code}`),
    ...(await untold(step, broken, { whole, names: 'directory' })),
    ...(await finishes(step)),
  ];
};

describe.each(DISCONNECTING)('destroy, of $title,', ({ only, ...variant }) => {
  it('whose connection breaks says so, and a second one finishes', async () => {
    const covered = { ...COVERED, only, tried: new Tried(only === undefined ? CHANGES : undefined) };
    expect(await atEachCall(host(), variant, covered, disconnecting)).toEqual([]);
  });
});

/** Calls on a pool that libvirt refuses while an upload or a copy is under way in it. */
const REFUSED = /^virStoragePool(?:Refresh|Destroy|Delete|Undefine)$/u;

const refused =
  (error: LibvirtError): Check =>
  async (step) => {
    const { host: current, at } = step;
    const busy = await plowWith(current, ['destroy', 'web'], { at, action: 'fail', error, times: 3 });
    const quiet = !/error|jobs running|could not/u.test(busy.stderr);
    // A pool that was lent is stopped by whoever uses it last.
    const left = partOf(step) === 'check' ? await destroyTakesAll(step) : await leftovers(step);
    return [...unless(busy.code === 0 && quiet, `exit code ${busy.code}: ${busy.stderr}`), ...left];
  };

/** Both errors are taken by the same line of code. */
const FEW = BUSY.slice(0, ALL_CASES ? undefined : 1);

describe.each([
  { ...EVERYTHING, fewest: 3, errors: FEW },
  { ...ACTIVE_POOL, fewest: 1, errors: BUSY },
])('destroy, of $title,', ({ fewest, errors, ...variant }) => {
  it.each(errors)(
    'waits for the jobs of others on a pool, error $code, and says nothing of it',
    async (error) => {
      const covered = { ...COVERED, only: { calls: REFUSED, fewest } };
      expect(await atEachCall(host(), variant, covered, refused(error))).toEqual([]);
    },
  );
});
