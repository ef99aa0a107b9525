import type { Progress } from '../../../vm/progress.ts';

/**
 * Progress of which nothing but notes is shown while `isHushed`: who has interrupted plow is told how it
 * ends, and not each step.
 */
export function hushed(progress: Progress, isHushed: () => boolean): Progress {
  return {
    title: (text) => isHushed() || progress.title(text),
    begin: (text, rows) => isHushed() || progress.begin(text, rows),
    transfer: (...transferred) => isHushed() || progress.transfer(...transferred),
    done: (text) => isHushed() || progress.done(text),
    success: (text) => isHushed() || progress.success(text),
    note: (text) => progress.note(text),
  };
}
