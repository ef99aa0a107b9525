import type { Connection } from '../connection/connection.ts';
import type { Pointer } from '../abi/native.ts';

/** Two batches: the volumes of these files, then their documents. What lies in no active pool is missing. */
export async function volumeDocuments(
  connection: Connection,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const questions = paths.map((path) => [connection.pointer, path]);
  const found = await connection.callBatch('virStorageVolLookupByPath', questions);
  const volumes = found.flatMap((answer, index) => {
    if (typeof answer !== 'bigint') return [];
    const volume = connection.adopt('virStorageVol', answer as Pointer<'virStorageVol'>);
    return [{ path: paths[index] ?? '', volume }];
  });
  const documents = await connection.callBatch(
    'virStorageVolGetXMLDesc',
    volumes.map(({ volume }) => [volume, 0]),
  );
  for (const { volume } of volumes) connection.free(volume);
  return new Map(
    volumes.flatMap(({ path }, index) => {
      const document = documents[index];
      return typeof document === 'string' ? [[path, document] as const] : [];
    }),
  );
}
