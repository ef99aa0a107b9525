import { shownUrl } from '../../../text/shown-url.ts';
import { jsonDocument } from '../../../documents/json-text.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { printable } from '../../../text/printable.ts';
import { failureLines } from '../../../views/failure/text.ts';
import { imageDocument } from '../../../views/image/document.ts';
import type { ToldImage } from '../../../views/image/document.ts';
import type { VmContext } from '../../../vm/context.ts';
import { archOfHost } from '../../../vm/pull/arch-of-host.ts';
import { planPull } from '../../../vm/pull/plan-pull.ts';
import { pullImage } from '../../../vm/pull/pull.ts';
import type { WantedImage } from '../../../vm/pull/wanted.ts';
import { plannedLines } from '../../../views/image/planned.ts';
import type { Environment } from '../../environment.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { runWorkflow } from '../../run/session.ts';
import { progressFor } from '../../run/batch/heard.ts';
import type { KnownImages } from '../../settings/images.ts';
import type { Settings } from '../../settings/settings.ts';
import { throwFailed } from './failed.ts';
import type { Failed } from './failed.ts';
import { webTools } from './web/tools.ts';
import type { WebTools } from './web/tools.ts';
import { isUrl } from './web/wanted-word.ts';
import { wantedNamed } from './web/wanted-named.ts';
import { wantedByUrl } from './web/wanted.ts';
import type { PullOptions } from './web/wanted.ts';

/** How images are pulled. */
export interface PullWish extends PullOptions {
  readonly format: BatchFormat;
  readonly dryRun?: boolean;
  readonly known: KnownImages;
  readonly imagesLock?: string;
}

/**
 * `plow image pull <name|url...>`: one that fails keeps none of the others.
 * @throws PlowError: of several the gravest; Interrupted
 */
export async function runImagePull(
  words: readonly string[],
  wish: PullWish,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  // What is wrong with them is told before anybody is asked.
  const byUrl = new Map(words.filter(isUrl).map((word) => [word, wantedByUrl(word, wish)]));
  await runWorkflow(settings, environment, 'taking back what was pulled', async (whole, pause) => {
    const context = { ...whole, progress: progressFor(wish.format, whole.progress) };
    const tools = webTools(environment, context.signal, (text) => context.progress.note(printable(text)));
    const errors: Failed[] = [];
    for (const word of words) {
      context.signal.throwIfAborted();
      const named = async (): Promise<WantedImage> => byUrl.get(word) ?? byName(word, wish, tools, context);
      const error = await pullOne(word, named, wish, { tools, context, environment, pause });
      if (error === undefined) continue;
      errors.push({ error, name: isUrl(word) ? shownUrl(word) : word });
      if (error.kind === 'connection') break;
      if (words.length > 1 && wish.format !== 'json')
        for (const line of failureLines(error, settings.verbose, isUrl(word) ? shownUrl(word) : word))
          environment.output.say(line);
    }
    throwFailed(errors, words.length);
  });
}

/** @throws PlowError */
async function byName(
  name: string,
  wish: PullWish,
  tools: WebTools,
  context: VmContext,
): Promise<WantedImage> {
  context.progress.begin(name.includes('@') ? `Pulling ${name}` : `Looking for the newest build of ${name}`);
  return wantedNamed(name, await archOfHost(context), wish, tools);
}

interface Surroundings {
  readonly tools: WebTools;
  readonly context: VmContext;
  readonly environment: Environment;
  readonly pause: () => void;
}

/** @returns why it failed @throws Interrupted */
async function pullOne(
  word: string,
  named: () => Promise<WantedImage>,
  wish: PullWish,
  { tools, context, environment: { output }, pause }: Surroundings,
): Promise<PlowError | undefined> {
  const { format, dryRun = false } = wish;
  const tell = (told: Omit<ToldImage, 'action'>): void => {
    pause();
    if (format === 'json') output.print(jsonDocument(imageDocument({ action: 'pull', ...told }), 'line'));
  };
  try {
    const wanted = await named();
    const { name } = wanted;
    if (dryRun) {
      const planned = await planPull(wanted, tools, context);
      tell({ name, status: planned.isThere ? 'exists' : 'planned', planned });
      if (format === 'text') for (const line of plannedLines(wanted, planned)) output.print(line);
      return undefined;
    }
    const { status, path, record } = await pullImage(wanted, tools, context);
    tell({ name, status, path, record });
    if (record.insecure) context.progress.note(printable(`nothing proves that ${name} is the right image`));
    return undefined;
  } catch (error) {
    if (!(error instanceof PlowError)) throw error;
    const name = isUrl(word) ? (wish.name ?? shownUrl(word)) : word;
    tell({ name, status: 'failed', error });
    return error;
  }
}
