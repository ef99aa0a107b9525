import { openLocalFile } from '../../../config/files/open-local.ts';
import { jsonDocument } from '../../../documents/json-text.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { printable } from '../../../text/printable.ts';
import { imageDocument } from '../../../views/image/document.ts';
import type { ToldImage } from '../../../views/image/document.ts';
import { importImage } from '../../../vm/pull/import-image.ts';
import type { ImportWish } from '../../../vm/pull/import-image.ts';
import type { Environment } from '../../environment.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { progressFor } from '../../run/batch/heard.ts';
import { runWorkflow } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';
import { webTools } from './web/tools.ts';
import { assertName, digestIn } from './web/wanted.ts';
import type { PullOptions } from './web/wanted.ts';

/** `plow image import <file> --name <name>` @throws PlowError, Interrupted */
export async function runImageImport(
  words: readonly string[],
  options: PullOptions & { readonly format: BatchFormat },
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const { path, wish } = wishOf(words, options);
  const opened = await openLocalFile(path);
  if ('problem' in opened) throw new PlowError('config', `${path} ${opened.problem}`);
  using file = opened;
  await runWorkflow(settings, environment, 'taking back what was sent', async (own, pause) => {
    const context = { ...own, progress: progressFor(options.format, own.progress) };
    const tools = webTools(environment, context.signal, (text) => context.progress.note(printable(text)));
    const tell = (told: Omit<ToldImage, 'action' | 'name'>): void => {
      pause();
      if (options.format !== 'json') return;
      const document = imageDocument({ action: 'import', name: wish.name, ...told });
      environment.output.print(jsonDocument(document, 'line'));
    };
    try {
      const { status, path: there, record } = await importImage(file, wish, tools, context);
      tell({ status: status === 'pulled' ? 'imported' : status, path: there, record });
    } catch (error) {
      if (error instanceof PlowError) tell({ status: 'failed', error });
      throw error;
    }
  });
}

/** @throws PlowError (config) */
function wishOf(
  words: readonly string[],
  { name, imageVersion, checksum }: PullOptions,
): { readonly path: string; readonly wish: ImportWish } {
  const [path, more] = words;
  if (path === undefined || more !== undefined)
    throw new PlowError('config', 'image import takes one file, and --name');
  if (name === undefined)
    throw new PlowError('config', 'an image that is imported needs a name', {
      hint: '--name debian-12 has VM files say image: debian-12',
    });
  assertName('--name', name);
  if (imageVersion !== undefined) assertName('--image-version', imageVersion);
  const digest = checksum === undefined ? undefined : digestIn(checksum);
  return { path, wish: { name, version: imageVersion, digest } };
}
