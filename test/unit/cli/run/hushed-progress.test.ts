import { expect, it } from 'vitest';
import { hushed } from '../../../../src/cli/run/batch/hushed-progress.ts';
import { testContext } from '../../vm/context.ts';

it('after an interruption no step is told any more, but every note', () => {
  const { progress: heard } = testContext();
  let isHushed = false;
  const progress = hushed(heard, () => isHushed);
  progress.title('Creating');
  progress.done('Checked');
  isHushed = true;
  progress.begin('Making');
  progress.transfer('seed', 1, 2);
  progress.done('Made');
  progress.success('Created');
  progress.note('left: boot.qcow2');
  expect(heard.lines).toStrictEqual(['title: Creating', 'done: Checked', 'note: left: boot.qcow2']);
});
