/** What installs packages: that of Debian and Ubuntu, of Fedora and RHEL, of openSUSE and SLES. */
export type PackageManager = 'apt' | 'dnf' | 'zypper';

/** Names of the same in each distribution, one or more with blanks between them. */
export type Packages = Readonly<Record<PackageManager, string>>;

/** By the words of ID and ID_LIKE: https://www.freedesktop.org/software/systemd/man/latest/os-release.html */
const FAMILIES: ReadonlyMap<string, PackageManager> = new Map([
  ['debian', 'apt'],
  ['ubuntu', 'apt'],
  ['fedora', 'dnf'],
  ['rhel', 'dnf'],
  ['centos', 'dnf'],
  ['suse', 'zypper'],
  ['opensuse', 'zypper'],
  ['sles', 'zypper'],
]);

const USERS: Readonly<Record<PackageManager, string>> = {
  apt: 'Debian, Ubuntu',
  dnf: 'Fedora, RHEL',
  zypper: 'openSUSE, SLES',
};

/** Of a distribution. @param osRelease text of its os-release; undefined where that is not known */
export function managerOf(osRelease: string | undefined): PackageManager | undefined {
  const lines = osRelease?.matchAll(/^(?:ID|ID_LIKE)=["']?(?<words>[^"'\n]*)/gmu) ?? [];
  const words = [...lines].flatMap(({ groups }) => groups?.['words']?.split(/\s+/u) ?? []);
  return words.map((word) => FAMILIES.get(word)).find((found) => found !== undefined);
}

/** The command that installs packages. @param manager undefined: that of each distribution is told */
export function installing(packages: Packages, manager: PackageManager | undefined): string {
  if (manager !== undefined) return `${manager} install ${packages[manager]}`;
  const all = (['apt', 'dnf', 'zypper'] as const).map(
    (one) => `${one} install ${packages[one]} (${USERS[one]})`,
  );
  return `${all[0]}, ${all[1]} or ${all[2]}`;
}
