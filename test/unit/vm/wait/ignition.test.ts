import { expect, it } from 'vitest';
import { NO_FACTS, withLine } from '../../../../src/vm/wait/console-facts.ts';
import type { ConsoleFacts } from '../../../../src/vm/wait/console-facts.ts';

function told(lines: readonly string[]): ConsoleFacts {
  return lines.reduce(withLine, NO_FACTS);
}

const WHY = 'failed to create users/groups: failed to configure users: no such user';
const ITSELF = `[   12.3] ignition[512]: CRITICAL : Ignition failed: ${WHY}`;
const STAGE = '[FAILED] Failed to start ignition-files.service - Ignition (files).';

it.each([
  [[ITSELF], WHY],
  [[`Ignition failed: ${WHY}`], WHY],
  [[STAGE], 'its stage files'],
  [['[FAILED] Failed to start Ignition (fetch-offline).'], 'its stage fetch-offline'],
  [[STAGE, ITSELF], WHY],
  [[ITSELF, STAGE], WHY],
  [['[  OK  ] Finished ignition-files.service - Ignition (files).'], undefined],
  [['Failed to start Emergency Shell.'], undefined],
])('of %j the reason is %j', (lines, why) => {
  expect(told(lines).ignition).toBe(why);
});

it('is told from a guest that waits for a person for another reason', () => {
  expect(told(['You are in emergency mode.'])).toMatchObject({
    ignition: undefined,
    stuck: 'You are in emergency mode.',
  });
});
