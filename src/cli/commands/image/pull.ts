import { jsonDocument } from '../../../documents/json-text.ts';
import { gravestOf, PlowError } from '../../../errors/plow-error.ts';
import { failureLines } from '../../../views/failure/text.ts';
import { imageDocument } from '../../../views/image/document.ts';
import type { ToldImage } from '../../../views/image/document.ts';
import type { VmContext } from '../../../vm/context.ts';
import { pullImage } from '../../../vm/pull/pull.ts';
import type { WantedImage } from '../../../vm/pull/wanted.ts';
import type { Environment } from '../../environment.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { runWorkflow } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';
import { printable } from '../../../text/printable.ts';
import { pullTools } from './tools.ts';
import { wantedByUrl } from './wanted.ts';
import type { PullOptions } from './wanted.ts';

/**
 * `plow image pull <url...>`: one that fails keeps none of the others.
 * @throws PlowError: of several the gravest; Interrupted
 */
export async function runImagePull(
  words: readonly string[],
  options: PullOptions & { readonly format: BatchFormat },
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const wanted = words.map((word) => wantedByUrl(word, options));
  await runWorkflow(settings, environment, 'taking back what was pulled', async (context, pause) => {
    const errors: { readonly error: PlowError; readonly name: string }[] = [];
    for (const one of wanted) {
      context.signal.throwIfAborted();
      const error = await pullOne(one, options.format, context, environment, pause);
      if (error === undefined) continue;
      errors.push({ error, name: one.name });
      if (error.kind === 'connection') break;
      if (wanted.length > 1 && options.format !== 'json')
        for (const line of failureLines(error, settings.verbose, one.name)) environment.output.say(line);
    }
    const worst = gravestOf(errors, ({ error }) => error);
    if (worst === undefined) return;
    if (wanted.length === 1) throw worst.error;
    const names = errors.map(({ name }) => name).join(', ');
    throw new PlowError(worst.error.kind, `of ${wanted.length} images ${errors.length} failed: ${names}`);
  });
}

/** @returns why it failed @throws Interrupted */
async function pullOne(
  wanted: WantedImage,
  format: BatchFormat,
  context: VmContext,
  environment: Environment,
  pause: () => void,
): Promise<PlowError | undefined> {
  const { output } = environment;
  const tell = (told: Pick<ToldImage, 'status' | 'path' | 'record' | 'error'>): void => {
    pause();
    if (format !== 'json') return;
    output.print(jsonDocument(imageDocument({ action: 'pull', name: wanted.name, ...told }), 'line'));
  };
  try {
    const { status, path, record } = await pullImage(wanted, pullTools(environment), context);
    tell({ status, path, record });
    if (record.insecure) context.progress.note(printable(`${record.name} was pulled without proof`));
    return undefined;
  } catch (error) {
    if (!(error instanceof PlowError)) throw error;
    tell({ status: 'failed', error });
    return error;
  }
}
