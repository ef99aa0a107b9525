import { jsonDocument } from '../../../documents/json-text.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { printable } from '../../../text/printable.ts';
import { imageDocument } from '../../../views/image/document.ts';
import type { VmContext } from '../../../vm/context.ts';
import { findUnneeded } from '../../../vm/pull/prune-images.ts';
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
  wish: Wish,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  await runReport(settings, environment, 'stopping after this image', async (context) => {
    for (const word of words) {
      context.signal.throwIfAborted();
      await assertWanted(`Remove the image ${word}?`, wish, context, environment);
      await removeOne(word, 'remove', wish.format, context, environment);
    }
  });
}

/**
 * `plow image prune`: versions that are not the newest of their name, and unused; lists them first.
 * @throws PlowError, Interrupted
 */
export async function runImagePrune(wish: Wish, settings: Settings, environment: Environment): Promise<void> {
  const { output } = environment;
  await runReport(settings, environment, 'stopping after this image', async (context) => {
    const unneeded = await findUnneeded(context);
    if (wish.format === 'text')
      for (const { record, path } of unneeded)
        output.print(
          printable(`${record.name}@${record.version} is not the newest, and no VM stands on it: ${path}`),
        );
    if (unneeded.length === 0) return output.say('nothing to prune');
    if (!wish.isSure && environment.ask === undefined)
      return output.say(`nothing was removed: plow image prune --yes removes ${unneeded.length}`);
    await assertWanted(`Remove these ${unneeded.length}?`, wish, context, environment);
    for (const { record } of unneeded) {
      context.signal.throwIfAborted();
      await removeOne(`${record.name}@${record.version}`, 'prune', wish.format, context, environment);
    }
  });
}

/** @throws PlowError (operation) where nobody says yes; Interrupted */
async function assertWanted(
  question: string,
  { isSure }: Wish,
  { signal }: VmContext,
  { ask }: Environment,
): Promise<void> {
  if (isSure || ask === undefined) return;
  if (!(await confirmed(`${question} [y/N] `, ask, signal)))
    throw new PlowError('operation', 'nothing was removed: nobody said yes');
}

async function removeOne(
  word: string,
  action: 'remove' | 'prune',
  format: BatchFormat,
  context: VmContext,
  { output }: Environment,
): Promise<void> {
  const { path, image } = await removeImage(word, context);
  const { record } = image;
  const told = { action, status: 'removed', name: record.name, path, record } as const;
  if (format === 'json') output.print(jsonDocument(imageDocument(told), 'line'));
  else if (format === 'text') output.print(printable(`Removed ${record.name}@${record.version}: ${path}`));
}
