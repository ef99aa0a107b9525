import { bytesText } from '../../text/quantities.ts';
import { printable } from '../../text/printable.ts';
import type { PlannedPull } from '../../vm/pull/plan-pull.ts';
import type { WantedImage } from '../../vm/pull/wanted.ts';

/** Lines of `plow image pull --dry-run`. */
export function plannedLines(
  { name, signedBy }: Pick<WantedImage, 'name' | 'signedBy'>,
  { isThere, path = '', version, url, digest, bytes }: PlannedPull,
): readonly string[] {
  if (isThere) return [printable(`${name}@${version} is there already: ${path}`)];
  const size = bytes === undefined ? 'of a size that the server does not tell' : bytesText(bytes);
  return [
    `${name}@${version} would be pulled, ${size}:`,
    `  from    ${url}`,
    `  proof   ${digest ?? 'none'}${signedBy === null ? '' : `, signed by ${signedBy}`}`,
  ].map(printable);
}
