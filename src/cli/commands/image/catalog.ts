import { catalogOf } from '../../../images/catalog/from-settings.ts';
import { jsonDocument } from '../../../documents/json-text.ts';
import { renderTable } from '../../../terminal/table.ts';
import { CATALOG_COLUMNS, catalogDocument } from '../../../views/image/catalog.ts';
import type { Environment } from '../../environment.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { tableLook } from '../../run/table-look.ts';
import type { KnownImages } from '../../settings/images.ts';

/** `plow image catalog`: no hypervisor and nobody in the web is asked. @throws PlowError (config) */
export async function runImageCatalog(
  format: BatchFormat,
  { images }: KnownImages,
  environment: Environment,
): Promise<void> {
  const { output } = environment;
  const entries = catalogOf(images);
  if (format === 'json') {
    for (const entry of entries) output.print(jsonDocument(catalogDocument(entry), 'line'));
    return;
  }
  const { lines } = renderTable(CATALOG_COLUMNS, entries, await tableLook(environment, true));
  for (const line of lines) output.print(line);
}
