import koffi from 'koffi';
import type { Freeable, FunctionName } from './abi.ts';
import type { Connection } from './connection.ts';
import { decodeArray } from './structs.ts';
import type { Pointer } from './native.ts';

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
  const count = await connection.callNumber(name, parent, out, flags);
  const array = out[0];
  if (array === null) return [];
  const pointers = count === 0 ? [] : (decodeArray(array, 'void *', count) as Pointer<T>[]);
  koffi.free(array);
  return pointers.map((pointer) => connection.adopt(type, pointer));
}
