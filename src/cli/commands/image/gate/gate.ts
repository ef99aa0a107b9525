import { jsonDocument } from '../../../../documents/json-text.ts';
import { PlowError } from '../../../../errors/plow-error.ts';
import { imageDocument } from '../../../../views/image/document.ts';
import type { AddressGuard } from '../../../../vm/address-guard.ts';
import { gateImage } from '../../../../vm/gate/gate-image.ts';
import type { Environment } from '../../../environment.ts';
import type { BatchFormat } from '../../../run/batch/batch.ts';
import { progressFor } from '../../../run/batch/heard.ts';
import { runWorkflow } from '../../../run/session.ts';
import type { KnownImages } from '../../../settings/images.ts';
import type { Settings } from '../../../settings/settings.ts';
import { loginTools } from '../../ssh/log-in.ts';
import { gateWish } from './gate-wish.ts';
import type { GateOptions } from './gate-wish.ts';

interface Wish {
  readonly format: BatchFormat;
  readonly options: GateOptions;
  readonly known: KnownImages;
  readonly guard: AddressGuard;
}

/** `plow image gate <image>` @throws PlowError, Interrupted */
export async function runImageGate(
  words: readonly string[],
  { format, options, known, guard }: Wish,
  settings: Settings,
  environment: Environment,
): Promise<void> {
  const [word = '', other] = words;
  if (other !== undefined)
    throw new PlowError('config', 'image gate takes one image: the next can have the same address after it');
  const wish = gateWish(options, known, settings);
  await runWorkflow(settings, environment, 'stopping', async (context, pause) => {
    const guarded = { ...context, guard, progress: progressFor(format, context.progress) };
    const { path, record, failure } = await gateImage(word, wish, loginTools(environment), guarded);
    pause();
    const status = failure === undefined ? 'passed' : 'failed';
    const told = { action: 'gate', status, name: record.name, path, record } as const;
    if (format === 'json') {
      const error = failure === undefined ? {} : { error: failure };
      environment.output.print(jsonDocument(imageDocument({ ...told, ...error }), 'line'));
    }
    if (failure !== undefined) throw failure;
  });
}
