import koffi from 'koffi';
import type { Freeable, FunctionName } from '../abi/functions.ts';
import type { Connection } from './connection.ts';
import { decodeArray } from '../abi/structs.ts';
import type { Pointer } from '../abi/native.ts';

/**
 * Calls a `virXListAllY(parent, &array, flags)` function. The array is freed here,
 * its objects belong to the connection.
 */
export async function takeObjectList<T extends Freeable>(
  connection: Connection,
  type: T,
  name: FunctionName,
  parent: bigint,
  flags = 0,
): Promise<readonly Pointer<T>[]> {
  const out: [bigint | null] = [null];
  const takeAll = (count: unknown): readonly Pointer<T>[] => take(connection, type, out, count as number);
  return takeAll(await connection.callTaking(takeAll, name, parent, out, flags));
}

/** As takeObjectList, of many parents in one batch: undefined for one that failed. */
export async function takeObjectLists<T extends Freeable>(
  connection: Connection,
  type: T,
  name: FunctionName,
  parents: readonly bigint[],
): Promise<readonly (readonly Pointer<T>[] | undefined)[]> {
  if (parents.length === 0) return [];
  const outs = parents.map((): [bigint | null] => [null]);
  const counts = await connection.callBatch(
    name,
    parents.map((parent, index) => [parent, outs[index] ?? [null], 0]),
  );
  return outs.map((out, index) => {
    const count = counts[index];
    return typeof count === 'number' ? take(connection, type, out, count) : undefined;
  });
}

function take<T extends Freeable>(
  connection: Connection,
  type: T,
  [array]: readonly [bigint | null],
  count: number,
): readonly Pointer<T>[] {
  if (array === null) return [];
  const pointers = count === 0 ? [] : (decodeArray(array, 'void *', count) as Pointer<T>[]);
  koffi.free(array);
  return pointers.map((pointer) => connection.adopt(type, pointer));
}
