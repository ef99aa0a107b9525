/** libvirt counts 1,000,000 * major + 1,000 * minor + release. */
export function versionText(version: number): string {
  return [version / 1_000_000, (version / 1000) % 1000, version % 1000].map(Math.floor).join('.');
}
