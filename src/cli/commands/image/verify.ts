import { createHash } from 'node:crypto';
import { jsonDocument } from '../../../documents/json-text.ts';
import { imageDocument } from '../../../views/image/document.ts';
import { verifyImage } from '../../../vm/image-store/verify-image.ts';
import type { Environment } from '../../environment.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { collectGarbageLater } from '../../run/collect-garbage-later.ts';
import { runWorkflow } from '../../run/session.ts';
import { progressFor } from '../../run/batch/heard.ts';
import type { Settings } from '../../settings/settings.ts';

/** `plow image verify <image...>` @throws PlowError, Interrupted */
export async function runImageVerify(
  words: readonly string[],
  format: BatchFormat,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  collectGarbageLater();
  await runWorkflow(settings, environment, 'stopping', async (whole, pause) => {
    const context = { ...whole, progress: progressFor(format, whole.progress) };
    for (const word of words) {
      const { path, image } = await verifyImage(word, createHash, context);
      const { record } = image;
      context.progress.done(`${record.name}@${record.version} is as it was pulled: ${path}`);
      pause();
      if (format !== 'json') continue;
      const told = { action: 'verify', status: 'ready', name: record.name, path, record } as const;
      environment.output.print(jsonDocument(imageDocument(told), 'line'));
    }
  });
}
