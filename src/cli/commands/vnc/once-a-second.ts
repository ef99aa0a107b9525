const SECOND_MS = 1000;

/**
 * Tells each thing once in a second at most, however often it happens.
 * @param now in milliseconds
 */
export function onceASecond(tell: (text: string) => void, now: () => number): (text: string) => void {
  const told = new Map<string, number>();
  return (text) => {
    const [at, last] = [now(), told.get(text)];
    if (last !== undefined && at - last < SECOND_MS) return;
    told.set(text, at);
    tell(text);
  };
}
