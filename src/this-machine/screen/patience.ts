/** How long somebody is waited for. To be disposed of. */
export interface Patience extends Disposable {
  /** Ends with words once it has taken too long; never, once disposed of. */
  readonly over: Promise<string>;
  isOver(): boolean;
}

const LOOK_EVERY_MS = 400;
const nobody: (words: string) => void = () => {};

/** @param asks whether a person is being asked something meanwhile, which takes as long as it takes */
export function patience(withinMs: number, asks: () => boolean = () => false): Patience {
  const words = `it said nothing within ${withinMs / 1000} seconds`;
  let leftMs = withinMs;
  let tell = nobody;
  const over = new Promise<string>((resolve) => (tell = resolve));
  const timer = setInterval(() => {
    if (asks()) return;
    leftMs -= LOOK_EVERY_MS;
    if (leftMs <= 0) tell(words);
  }, LOOK_EVERY_MS);
  return { over, isOver: () => leftMs <= 0, [Symbol.dispose]: () => clearInterval(timer) };
}
