import { describe, expect, it } from 'vitest';
import { installing, managerOf } from '../../../src/text/installing.ts';

describe('what installs packages', () => {
  it.each([
    ['ID=debian', 'apt'],
    ['PRETTY_NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"', 'apt'],
    ['NAME="Fedora Linux"\nID=fedora\nVERSION_ID=43', 'dnf'],
    [`ID="rocky"\nID_LIKE="rhel centos fedora"`, 'dnf'],
    [`ID='sles'\nID_LIKE='suse'`, 'zypper'],
    ['ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"', 'zypper'],
    ['ID=arch\nBUG_REPORT_URL="https://debian.example/"', undefined],
    ['VARIANT_ID=debian', undefined],
    ['ID=constructor', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('of %j is %s', (osRelease, manager) => {
    expect(managerOf(osRelease)).toBe(manager);
  });

  it('is told with the command, or for each distribution where that is not known', () => {
    const packages = { apt: 'a', dnf: 'd', zypper: 'z' };
    expect(installing(packages, 'dnf')).toBe('dnf install d');
    expect(installing(packages, undefined)).toBe(
      'apt install a (Debian, Ubuntu), dnf install d (Fedora, RHEL) or zypper install z (openSUSE, SLES)',
    );
  });
});
