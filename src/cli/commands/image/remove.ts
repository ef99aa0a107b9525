import { jsonDocument } from '../../../documents/json-text.ts';
import { gravestOf, PlowError } from '../../../errors/plow-error.ts';
import { printable } from '../../../text/printable.ts';
import { failureLines } from '../../../views/failure/text.ts';
import { imageDocument } from '../../../views/image/document.ts';
import type { VmContext } from '../../../vm/context.ts';
import { findUnneeded } from '../../../vm/image-store/prune-images.ts';
import { imageToRemove, removeImage } from '../../../vm/image-store/remove-image.ts';
import type { RemovedImage } from '../../../vm/image-store/remove-image.ts';
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
      const found = await imageToRemove(word, context);
      const { name, version } = found.image.record;
      await assertWanted(`Remove ${name}@${version}, ${found.path}?`, wish, context, environment);
      await removeOne(found, 'remove', wish.format, context, environment);
    }
  });
}

/**
 * `plow image prune`: versions that are not the newest of their name, and unused, and what pulls that were
 * killed have left; lists them first.
 * @throws PlowError, Interrupted
 */
export async function runImagePrune(wish: Wish, settings: Settings, environment: Environment): Promise<void> {
  const { output } = environment;
  await runReport(settings, environment, 'stopping after this image', async (context) => {
    const unneeded = await findUnneeded(context);
    if (wish.format === 'text')
      for (const { record, path, why } of unneeded)
        output.print(printable(`${record.name}@${record.version} ${why}: ${path}`));
    if (unneeded.length === 0) return output.say('nothing to prune');
    if (!wish.isSure && (environment.ask === undefined || wish.format === 'json'))
      throw new PlowError('operation', `nothing was removed: ${unneeded.length} would go`, {
        hint: 'plow image prune --yes removes them',
      });
    await assertWanted(`Remove these ${unneeded.length}?`, wish, context, environment);
    const errors: PlowError[] = [];
    for (const { path, image } of unneeded) {
      context.signal.throwIfAborted();
      try {
        await removeOne({ path, image }, 'prune', wish.format, context, environment);
      } catch (error) {
        if (!(error instanceof PlowError) || error.kind === 'connection') throw error;
        errors.push(error);
        for (const line of failureLines(error, settings.verbose)) output.say(line);
      }
    }
    const worst = gravestOf(errors, (error) => error);
    if (worst !== undefined)
      throw new PlowError(worst.kind, `of ${unneeded.length} images ${errors.length} were not removed`);
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
  found: RemovedImage,
  action: 'remove' | 'prune',
  format: BatchFormat,
  context: VmContext,
  { output }: Environment,
): Promise<void> {
  await removeImage(found, context);
  const { path, image } = found;
  const { record } = image;
  const told = { action, status: 'removed', name: record.name, path, record } as const;
  if (format === 'json') output.print(jsonDocument(imageDocument(told), 'line'));
  else if (format === 'text') output.print(printable(`Removed ${record.name}@${record.version}: ${path}`));
}
