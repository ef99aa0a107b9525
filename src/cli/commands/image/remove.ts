import { jsonDocument } from '../../../documents/json-text.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { printable } from '../../../text/printable.ts';
import { imageDocument } from '../../../views/image/document.ts';
import { removeImage } from '../../../vm/pull/remove-image.ts';
import type { Environment } from '../../environment.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { confirmed } from '../../run/confirmed.ts';
import { runReport } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';

interface Wish {
  readonly format: BatchFormat;
  /** Yes to what would be asked. */
  readonly isSure: boolean;
}

/** `plow image remove <image...>` @throws PlowError, Interrupted */
export async function runImageRemove(
  words: readonly string[],
  { format, isSure }: Wish,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const { output } = environment;
  await runReport(settings, environment, 'stopping after this image', async (context) => {
    for (const word of words) {
      context.signal.throwIfAborted();
      if (!isSure && environment.ask !== undefined) {
        const yes = await confirmed(`Remove the image ${word}? [y/N] `, environment.ask, context.signal);
        if (!yes) throw new PlowError('operation', `the image ${word} stays: nobody said yes`);
      }
      const { path, image } = await removeImage(word, context);
      const { record } = image;
      const told = { action: 'remove', status: 'removed', name: record.name, path, record } as const;
      if (format === 'json') output.print(jsonDocument(imageDocument(told), 'line'));
      else if (format === 'text')
        output.print(printable(`Removed ${record.name}@${record.version}: ${path}`));
    }
  });
}
