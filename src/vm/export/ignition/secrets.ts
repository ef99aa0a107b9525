import { contentsIn } from '../../../provision/ignition/contents.ts';
import { holdsSecrets } from '../../../text/secrets.ts';

/**
 * Whether a config of Ignition holds what looks like a secret, also in the contents of its files and in the
 * configs that it merges. Contents that cannot be read count as one.
 */
export function configHoldsSecrets(text: string): boolean {
  if (holdsSecrets(text)) return true;
  try {
    return contentsIn(JSON.parse(text)).some((content) => holdsSecrets(content) || isNested(content));
  } catch {
    return true;
  }
}

/** A config in a config, of which the contents are to be looked at as well. */
function isNested(content: string): boolean {
  return /"data:/iu.test(content) && configHoldsSecrets(content);
}
