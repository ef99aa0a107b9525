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
