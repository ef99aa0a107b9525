/**
 * Works on all of them, on a bounded number at the same time.
 * @param isOver whether none is begun any more
 */
export async function someAtOnce<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<void>,
  isOver: () => boolean = () => false,
): Promise<void> {
  const waiting = items.entries();
  const hand = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      if (isOver()) return;
      await work(item, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, hand));
}
