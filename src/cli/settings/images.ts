import { keyringPath } from '../../config/settings/images.ts';
import type { ImageSettings } from '../../config/settings/images.ts';
import type { Environment } from '../environment.ts';
import { settingsFileOf } from './files.ts';

/** Images of the settings file, and where the files of keys are that these name. */
export interface KnownImages {
  readonly images: Readonly<Record<string, ImageSettings>>;
  readonly keyringOf: (signedBy: string) => string;
}

/** @throws PlowError (config) */
export async function knownImages(
  options: { readonly config?: string },
  environment: Pick<Environment, 'variables' | 'userId'>,
): Promise<KnownImages> {
  const file = await settingsFileOf(options, environment);
  const home = environment.variables['HOME'] ?? '/';
  return {
    images: file?.values.images ?? {},
    keyringOf: (signedBy) => keyringPath(signedBy, file?.file ?? '/', home),
  };
}
