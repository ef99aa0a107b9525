import { jsonDocument } from '../../../documents/json-text.ts';
import { renderTable } from '../../../terminal/table.ts';
import { OUTDATED_COLUMNS, outdatedDocument } from '../../../views/image/outdated.ts';
import { findOutdated } from '../../../vm/image-store/outdated-images.ts';
import type { Environment } from '../../environment.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { runReport } from '../../run/session.ts';
import { tableLook } from '../../run/table-look.ts';
import type { Settings } from '../../settings/settings.ts';

/** `plow image outdated`: a list, so that some are no failure. @throws PlowError, Interrupted */
export async function runImageOutdated(
  format: BatchFormat,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const { output } = environment;
  await runReport(settings, environment, undefined, async (context) => {
    const found = await findOutdated(context);
    if (format === 'json') {
      for (const one of found) output.print(jsonDocument(outdatedDocument(one), 'line'));
      return;
    }
    if (found.length === 0) return output.say('no VM is of an image of which there is a newer one here');
    const { lines } = renderTable(OUTDATED_COLUMNS, found, await tableLook(environment, true));
    for (const line of lines) output.print(line);
  });
}
