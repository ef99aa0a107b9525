import type { Use } from './session.ts';

/** What an account that may only look is not shown. */
export const LACKS_DIRECTORIES: Use = { lacks: 'directories that no pool shows are not looked at' };

export const LACKS_ADDRESSES: Use = {
  lacks: 'addresses that only the agent of a guest tells are not shown',
};
