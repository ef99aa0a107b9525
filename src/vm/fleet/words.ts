/** What it takes to make a VM as its file says, from the lightest on. */
export const VERDICTS = ['live', 'reboot', 'reseed', 'rebuild', 'refused'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What was changed since plow made the VM. */
export const CAUSES = ['file', 'vm', 'both'] as const;
export type Cause = (typeof CAUSES)[number];

/**
 * How a VM stands to its file. `foreign`: plow has not made it. `incomplete`: a create did not end.
 * `destroyed`: it can be brought back.
 */
export const STANDINGS = ['same', 'different', 'absent', 'foreign', 'incomplete', 'destroyed'] as const;
export type Standing = (typeof STANDINGS)[number];

/**
 * What becomes of a change. `stored`: the VM has it from its next start on. `waits`: so it is already.
 * `restart`: it is stored, and the VM is stopped and started.
 */
export const FATES = [
  'now',
  'stored',
  'waits',
  'restart',
  'reseed',
  'rebuild',
  'needs reseed',
  'needs rebuild',
  'changed by hand',
  'refused',
] as const;
export type Fate = (typeof FATES)[number];
