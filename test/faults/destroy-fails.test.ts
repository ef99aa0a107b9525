import { describe, expect, it } from 'vitest';
import { useHost } from '../integration/support.ts';
import { BROKEN, INJECTED, plowWith } from './faulty.ts';
import { atEachCall, unless } from './matrix.ts';
import type { Check } from './matrix.ts';
import { ALL_CASES } from './tally.ts';
import { VARIANTS } from './variants.ts';

const host = useHost();
const COVERED = { workflow: 'destroy', counter: 'calls covered' } as const;

/** From this call on documents are asked for in a batch, and one by one where that fails. */
const BATCH = 5;

/** Of a destroy that failed: the VM and what is left of it are named, and a second one finishes. */
async function finishes(
  current: ReturnType<typeof host>,
  first: { readonly stderr: string },
): Promise<readonly string[]> {
  const named =
    /^error: .*VM 'web'/mu.test(first.stderr) || first.stderr.includes('error: cannot look up the VM');
  const second = await current.plow(['destroy', 'web']);
  const { stdout } = await current.plow(['list', '--all']);
  return [
    ...unless(named, `not named: ${first.stderr}`),
    ...unless(second.code === 0, `again: ${second.stderr}`),
    ...unless(!stdout.includes('web'), stdout),
  ];
}

/** remove(), which comes after the check, wants something to remove. */
async function makeAgain(current: ReturnType<typeof host>, file: string): Promise<readonly string[]> {
  const { code, stderr } = await current.plow(['create', file]);
  return unless(code === 0, `create after it: ${stderr}`);
}

const failing: Check = async ({ host: current, at, call, file }) => {
  await current.virsh('destroy web');
  const fault = { at, action: 'fail', error: INJECTED } as const;
  const failed = await plowWith(current, ['--verbose', 'destroy', 'web'], fault);
  const freed = unless((failed.references ?? 0) === 0, `${failed.references} references`);
  if (call === 'virConnectOpen') return [...freed, ...unless(failed.code === 3, `exit code ${failed.code}`)];
  if (failed.code === 0) {
    const askedAgain = call === 'virStoragePoolDestroy' || (call === 'virDomainGetXMLDesc' && at > BATCH);
    const tolerated = askedAgain || failed.stderr.includes('note: ');
    return [...freed, ...unless(tolerated, 'nobody noticed'), ...(await makeAgain(current, file))];
  }
  const code = /^virSto|^virConnectListAll/u.test(call) ? 5 : 4;
  const told = failed.stderr.includes(`detail: ${call}: ${INJECTED.message} `);
  return [
    ...freed,
    ...unless([code, 5].includes(failed.code), `exit code ${failed.code}`),
    ...unless(told, failed.stderr),
    ...(await finishes(current, failed)),
    ...(await makeAgain(current, file)),
  ];
};

const disconnecting: Check = async ({ host: current, at, call, file }) => {
  await current.virsh('destroy web');
  const broken = await plowWith(current, ['destroy', 'web'], { at, action: 'disconnect', error: BROKEN });
  if (call === 'virConnectOpen') return unless(broken.code === 3, `exit code ${broken.code}`);
  if (broken.code === 0) return makeAgain(current, file);
  return [
    ...unless(broken.code === 3, `exit code ${broken.code}`),
    ...(await finishes(current, broken)),
    ...(await makeAgain(current, file)),
  ];
};

describe.each(VARIANTS)('destroy, of $title,', (variant) => {
  it('with any one call that fails names the VM, and a second one finishes', async () => {
    expect(await atEachCall(host(), variant, COVERED, failing)).toEqual([]);
  });
});

describe.each(VARIANTS.filter((_, index) => ALL_CASES || index === 1))('destroy, of $title,', (variant) => {
  it('whose connection breaks says so, and a second one finishes', async () => {
    expect(await atEachCall(host(), variant, COVERED, disconnecting)).toEqual([]);
  });
});
