import { libraryVersions } from '../libvirt/abi/library-version.ts';
import { versionText } from '../vm/features/version.ts';

/** Put there by scripts/build.mjs. Empty: it was not built from a repository. */
declare const PLOW_COMMIT: string;

/** What `plow --version --verbose` prints: what a report of a bug should have in it. */
export function versionsOf(plow: string, node: string): string {
  const { koffi, libvirt } = libraryVersions();
  const lines = [
    ['plow', plow],
    ['commit', PLOW_COMMIT === '' ? 'not known' : PLOW_COMMIT],
    ['node', node],
    ['koffi', koffi],
    ['libvirt', libvirt === undefined ? 'not installed' : `${versionText(libvirt)} (client library)`],
  ] as const;
  return lines.map(([name, value]) => `${`${name}:`.padEnd(9)}${value}\n`).join('');
}
