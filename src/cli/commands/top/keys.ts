import type { Environment } from '../../environment.ts';

/** A terminal whose keys are heard at once. */
export interface Keys {
  /** Takes it, if it is not taken; once connected only. */
  hold(): void;
  release(): void;
}

/** @param hear a key, or another byte that is typed */
export function keysOf(environment: Environment, hear: (key: string) => void): Keys {
  const { input } = environment;
  let makeCooked: (() => void) | undefined;
  const take = (bytes: Buffer): void => {
    for (const key of bytes.toString('latin1')) hear(key);
  };
  return {
    hold() {
      if (!input.isTTY || makeCooked !== undefined) return;
      makeCooked = environment.makeRaw();
      if (makeCooked !== undefined) input.on('data', take).resume();
    },
    release() {
      if (makeCooked === undefined) return;
      input.off('data', take).pause();
      makeCooked();
      makeCooked = undefined;
    },
  };
}
