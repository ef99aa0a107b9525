import { describe, expect, it } from 'vitest';
import { useHost } from '../integration/support.ts';
import type { Finished } from '../lab/lab.ts';
import { INJECTED, plowWith, remove } from './faulty.ts';
import { tally } from './tally.ts';
import { VARIANTS } from './variants.ts';

const host = useHost();

/** Calls that a create does without: a host may have no interface driver, and a pool that does not stop is told. */
const TOLERATED = /^(?:virInterface\w+|virStoragePoolDestroy)$/u;

function expectedCode(call: string): number {
  if (call === 'virConnectOpen') return 3;
  return /^virSto|^virStream/u.test(call) ? 5 : 4;
}

/** The error that is shown is that of the call that failed, and no other. */
function checkFailure(call: string, { code, stderr }: Finished): void {
  expect([call, code]).toEqual([call, expectedCode(call)]);
  const errors = stderr.split('\n').filter((line) => line.startsWith('error: '));
  expect([call, ...errors]).toEqual([call, expect.any(String)]);
  if (call !== 'virConnectOpen') expect(stderr).toContain(`detail: ${call}: ${INJECTED.message} `);
}

describe.each(VARIANTS)(
  'create, of $title, with a call that fails',
  ({ config, prepare, restore, calls }) => {
    it('leaves nothing, tells the first error, and can be run again', async () => {
      await host().sh(`: ; ${prepare}`);
      const file = await host().write(config);
      const before = await host().census();
      const smooth = await plowWith(host(), ['create', file]);
      expect(smooth).toMatchObject({ code: 0, stderr: '', references: 0 });
      await remove(host(), 'web');
      const tolerated: string[] = [];
      for (const [at, call] of smooth.calls.entries()) {
        const fault = { at, action: 'fail', error: INJECTED } as const;
        const failed = await plowWith(host(), ['--verbose', 'create', file], fault);
        expect([call, failed.references ?? 0]).toEqual([call, 0]);
        if (failed.code === 0) tolerated.push(call);
        else {
          checkFailure(call, failed);
          expect([call, await host().census()]).toEqual([call, before]);
          await host().given(config);
        }
        await remove(host(), 'web');
        expect([call, await host().census()]).toEqual([call, before]);
      }
      expect(tolerated.filter((call) => !TOLERATED.test(call))).toEqual([]);
      expect(smooth.calls.length).toBeGreaterThanOrEqual(calls.create);
      tally('calls covered', smooth.calls.length);
      await host().sh(`: ; ${restore}`);
    });
  },
);
