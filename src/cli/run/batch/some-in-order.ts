import { someAtOnce } from './some-at-once.ts';

/**
 * As someAtOnce, and tells what comes of each in their order, as soon as all before it are told.
 * @throws whatever `work` throws: no other is begun then
 */
export async function someInOrder<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
  tell: (result: R) => void,
): Promise<void> {
  const ended = new Map<number, () => void>();
  let [next, isOver] = [0, false];
  await someAtOnce(
    items,
    atOnce,
    async (item, index) => {
      try {
        const result = await work(item);
        ended.set(index, () => tell(result));
      } catch (error) {
        isOver = true;
        throw error;
      }
      for (let told = ended.get(next); told !== undefined; told = ended.get(next)) {
        ended.delete(next);
        next += 1;
        told();
      }
    },
    () => isOver,
  );
}
