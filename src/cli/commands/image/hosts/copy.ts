import { createHash } from 'node:crypto';
import { PlowError } from '../../../../errors/plow-error.ts';
import { copyOf } from '../../../../vm/pull/copy.ts';
import type { Environment } from '../../../environment.ts';
import type { GlobalOptions } from '../../../record/command.ts';
import type { BatchFormat } from '../../../run/batch/batch.ts';
import { hostName } from '../../../run/hosts/several.ts';
import { withHosts } from '../../../run/hosts/with-hosts.ts';
import { makeProgress } from '../../../run/session.ts';
import { allSettingsOf, onlyOne } from '../../../settings/settings.ts';
import type { Settings } from '../../../settings/settings.ts';
import { bringToHosts, openHosts, withoutTwins } from './bring.ts';
import { progressFor } from '../../../run/batch/heard.ts';
import { ToldHosts } from './told.ts';

/** Between which hosts. */
export interface CopyOptions {
  readonly from?: string;
  readonly to?: string;
}

/** Where images are copied from, and where to. */
export interface CopyPlaces {
  readonly from: Settings;
  readonly to: readonly Settings[];
}

/** @throws PlowError (config) */
export async function copyPlaces(
  { from, to }: CopyOptions,
  globals: GlobalOptions,
  environment: Environment,
): Promise<CopyPlaces> {
  if (to === undefined)
    throw new PlowError('config', 'image copy wants the hypervisors that are to have it', {
      hint: '--to hv2 or --to hv2,hv3 names them, as the settings file does',
    });
  const { host, allHosts, connect, ...rest } = globals;
  const ofSource = [host, allHosts, connect].some((one) => one !== undefined && one !== false);
  if (from !== undefined && ofSource)
    throw new PlowError('config', '--from does not go with --host, --all-hosts or --connect');
  const settings = (named: string): Promise<readonly Settings[]> =>
    allSettingsOf({ ...rest, host: named }, environment, 'a place for VMs');
  const source = from === undefined ? allSettingsOf(globals, environment, 'a place for VMs') : settings(from);
  return { from: onlyOne(await source), to: withoutTwins(await settings(to)) };
}

/**
 * `plow image copy <image...> --from <host> --to <hosts>`: read once on the one, through plow, and sent to
 * each of the others.
 * @throws PlowError as grave as the worst; Interrupted
 */
export async function runImageCopy(
  words: readonly string[],
  format: BatchFormat,
  { from, to }: CopyPlaces,
  environment: Environment,
): Promise<void> {
  const { verbose } = from;
  const { progress, stop } = await makeProgress(environment, { verbose });
  const told = new ToldHosts({ action: 'copy', format, verbose, pause: stop }, environment);
  const how = { reaction: 'taking back what was copied', progress: progressFor(format, progress) };
  try {
    await withHosts([from, ...to], how, environment, async ([source, ...targets], signal) => {
      if (source === undefined) throw new Error('there is a source');
      const context = await source.context;
      const open = await openHosts(targets, words, told);
      for (const word of words) {
        signal.throwIfAborted();
        const left = open.filter(({ name }) => told.isThere(name));
        if (left.length === 0) break;
        try {
          const bringing = await copyOf(word, createHash, source.name, context);
          await bringToHosts(bringing, left, told);
        } catch (error) {
          if (!(error instanceof PlowError)) throw error;
          told.failedOnAll(
            left.map(({ name }) => name),
            word,
            error,
          );
        }
      }
    });
    told.end(to.map(hostName));
  } finally {
    stop();
  }
}
