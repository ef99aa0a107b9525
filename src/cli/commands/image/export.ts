import { createHash } from 'node:crypto';
import { jsonDocument } from '../../../documents/json-text.ts';
import { Interrupted } from '../../../errors/interrupted.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { printable } from '../../../text/printable.ts';
import { bytesText } from '../../../text/quantities.ts';
import { imageDocument } from '../../../views/image/document.ts';
import { verifyImage } from '../../../vm/image-store/verify-image.ts';
import type { Environment } from '../../environment.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { progressFor } from '../../run/batch/heard.ts';
import { runWorkflow } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';
import { SparseFile } from './sparse-file.ts';

/** `plow image export <image> [file]` @throws PlowError, Interrupted */
export async function runImageExport(
  words: readonly string[],
  format: BatchFormat,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const [word, wanted, more] = words;
  if (word === undefined || more !== undefined || wanted === '' || wanted === '-')
    throw new PlowError('config', 'image export takes the name of one image, and a file for it');
  await runWorkflow(settings, environment, 'removing what was written', async (own, pause) => {
    const context = { ...own, progress: progressFor(format, own.progress) };
    let file: SparseFile | undefined;
    let path = '';
    try {
      const { path: there, image } = await verifyImage(word, createHash, context, async (found) => {
        path = wanted ?? found.file;
        file = await SparseFile.at(path);
        return file.write.bind(file);
      });
      const { record } = image;
      context.signal.throwIfAborted();
      await file?.publish();
      const size = record.bytes === null ? '' : ` (${bytesText(record.bytes)})`;
      context.progress.done(printable(`${record.name}@${record.version} exported to ${path}${size}`));
      pause();
      if (format !== 'json') return;
      const told = { action: 'export', status: 'exported', name: record.name, path: there, record } as const;
      environment.output.print(jsonDocument(imageDocument({ ...told, file: path }), 'line'));
    } catch (error) {
      throw error instanceof Interrupted ? error.with('nothing of it was left here') : error;
    } finally {
      await file?.close();
    }
  });
}
