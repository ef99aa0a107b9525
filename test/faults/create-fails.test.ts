import { describe, expect, it } from 'vitest';
import { useHost } from '../integration/support.ts';
import { BROKEN, BUSY, INJECTED, plowWith } from './faulty.ts';
import type { Traced } from './faulty.ts';
import { atEachCall, differences, unless } from './matrix.ts';
import type { Check } from './matrix.ts';
import { ALL_CASES } from './tally.ts';
import { VARIANTS } from './variants.ts';

const host = useHost();
const COVERED = { workflow: 'create', counter: 'calls covered' } as const;

/**
 * Calls that a create does without: a host may have no interface driver, a pool that does not stop is asked twice, and an
 * image that an old pool cannot describe is looked for anew.
 */
const TOLERATED = /^(?:virInterface\w+|virStoragePoolDestroy|virStorageVolGetXMLDesc)$/u;

function expectedCode(call: string): number {
  if (call === 'virConnectOpen') return 3;
  return /^virSto|^virStream|^virConnectListAllStoragePools$/u.test(call) ? 5 : 4;
}

/** The error that is shown is that of the call that failed, and no other. */
function wrongError(call: string, { code, stderr }: Traced): readonly string[] {
  const errors = stderr.split('\n').filter((line) => line.startsWith('error: '));
  const shown = call === 'virConnectOpen' || stderr.includes(`detail: ${call}: ${INJECTED.message} `);
  return [
    ...unless(code === expectedCode(call), `exit code ${code}`),
    ...unless(errors.length === 1 && shown, `not the one error: ${stderr}`),
  ];
}

const failing: Check = async ({ host: current, at, call, file, before }) => {
  const fault = { at, action: 'fail', error: INJECTED } as const;
  const failed = await plowWith(current, ['--verbose', 'create', file], fault);
  const freed = unless((failed.references ?? 0) === 0, `${failed.references} references`);
  if (failed.code === 0) return [...freed, ...unless(TOLERATED.test(call), 'nobody noticed')];
  const left = differences(before, await current.census());
  const again = await current.plow(['create', file]);
  const done = unless(again.code === 0, `again: ${again.stderr}`);
  return [...freed, ...wrongError(call, failed), ...left, ...done];
};

describe.each(VARIANTS)('create, of $title,', (variant) => {
  it('with any one call that fails leaves nothing, tells the first error, and can be run again', async () => {
    expect(await atEachCall(host(), variant, COVERED, failing)).toEqual([]);
  });
});

const disconnecting: Check = async ({ host: current, at, call, file }) => {
  const broken = await plowWith(current, ['create', file], { at, action: 'disconnect', error: BROKEN });
  const { stdout } = await current.plow(['list', '--all']);
  if (broken.code === 0) return unless(call === 'virStoragePoolDestroy', 'nobody noticed');
  if (stdout.includes('web')) {
    const incomplete = /^web +incomplete /mu.test(stdout);
    return [...unless(broken.code === 3, `exit code ${broken.code}`), ...unless(incomplete, stdout)];
  }
  const again = await current.plow(['create', file]);
  return [
    ...unless(broken.code === 3, `exit code ${broken.code}`),
    ...unless(again.code === 0, again.stderr),
  ];
};

describe.each(VARIANTS.filter((_, index) => ALL_CASES || index === 1))('create, of $title,', (variant) => {
  it('whose connection breaks says so, and destroy removes what it left', async () => {
    expect(await atEachCall(host(), variant, COVERED, disconnecting)).toEqual([]);
  });
});

describe('create while others have jobs on a pool', () => {
  const [, , , active] = VARIANTS;

  it.each(BUSY)('waits for them, error $code', async (error) => {
    if (active === undefined) throw new Error('there is no such variant');
    const problems = await atEachCall(host(), active, COVERED, async ({ host: current, at, call, file }) => {
      const times = call === 'virStoragePoolRefresh' ? 3 : 0;
      const busy = await plowWith(current, ['create', file], { at, action: 'fail', error, times });
      return unless(busy.code === 0 && busy.stderr === '', `exit code ${busy.code}: ${busy.stderr}`);
    });
    expect(problems).toEqual([]);
  });
});
