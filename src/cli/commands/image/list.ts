import { jsonDocument } from '../../../documents/json-text.ts';
import { renderTable } from '../../../terminal/table.ts';
import { listedDocument } from '../../../views/image/document.ts';
import { imageColumns } from '../../../views/image/table.ts';
import { listFiles } from '../../../vm/image-store/list-images.ts';
import type { Environment } from '../../environment.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { runReport } from '../../run/session.ts';
import { tableLook } from '../../run/table-look.ts';
import type { Settings } from '../../settings/settings.ts';

/** `plow image list` @throws PlowError, Interrupted */
export async function runImageList(
  format: BatchFormat,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const { output } = environment;
  await runReport(settings, environment, undefined, async (context) => {
    const images = await listFiles(context);
    if (format === 'json') {
      for (const one of images) output.print(jsonDocument(listedDocument(one), 'line'));
      return;
    }
    if (images.length === 0) return output.say('no images: plow image pull brings one');
    const { lines } = renderTable(imageColumns(context.now()), images, await tableLook(environment, true));
    for (const line of lines) output.print(line);
  });
}
