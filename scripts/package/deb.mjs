// A .deb: https://www.debian.org/doc/debian-policy/
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { sortable } from './sources.mjs';
import { settle } from './tree.mjs';

/** What lintian is not to complain of, and why: all of it is of the node that the package has of its own. */
const OVERRIDES = [
  ['It brings its own OpenSSL, zlib and others: those of the distribution are too old.', 'embedded-library'],
  ['It is linked as its makers do.', 'hardening-no-pie'],
  [
    'plow runs with it, not with that of the distribution, which may be too old.',
    'missing-dep-for-interpreter',
  ],
  ['The same.', 'wrong-path-for-interpreter'],
  ['Its licence file is there as its makers wrote it.', 'copyright-file-contains-full-apache-2-license'],
  ['The same.', 'copyright-not-using-common-license-for-gpl'],
  ['The same.', 'old-fsf-address-in-copyright-file'],
];

/** @param files of the tree, sorted */
export function makeDeb(root, out, { arch, release, maintainer, files }) {
  const { homepage, epoch } = release;
  const version = sortable(release.version);
  const documents = join(root, 'usr/share/doc/plow');
  const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000');
  const changelog = `plow (${version}) unstable; urgency=medium

  * What has changed is in CHANGELOG.md beside this file.

 -- ${maintainer}  ${date}
`;
  writeFileSync(join(documents, 'changelog.gz'), gzipSync(changelog, { level: 9 }));
  mkdirSync(join(root, 'usr/share/lintian/overrides'), { recursive: true });
  writeFileSync(
    join(root, 'usr/share/lintian/overrides/plow'),
    OVERRIDES.map(([why, tag]) => `# ${why}\nplow: ${tag}\n`).join(''),
  );
  const all = [...files, 'usr/share/doc/plow/changelog.gz', 'usr/share/lintian/overrides/plow'];
  const bytes = all.reduce((sum, file) => sum + lstatSync(join(root, file)).size, 0);
  mkdirSync(join(root, 'DEBIAN'));
  writeFileSync(
    join(root, 'DEBIAN/control'),
    `Package: plow
Version: ${version}
Section: admin
Priority: optional
Architecture: ${arch}
Maintainer: ${maintainer}
Installed-Size: ${Math.ceil(bytes / 1024)}
Depends: libvirt0 (>= 7.2), libc6 (>= 2.28), libstdc++6 (>= 9)
Recommends: openssh-client
Suggests: libvirt-daemon-system, qemu-system
${homepage === undefined ? '' : `Homepage: ${homepage}\n`}Description: VMs on libvirt hypervisors from YAML files
 plow turns a YAML file into a running VM on a libvirt hypervisor, and takes it
 away again without a trace. It works on this machine and on others over ssh.
 .
 This package has a Node.js of its own.
`,
  );
  const sums = all
    .filter((file) => !lstatSync(join(root, file)).isSymbolicLink())
    .map((file) => {
      const digest = createHash('md5')
        .update(readFileSync(join(root, file)))
        .digest('hex');
      return `${digest}  ${file}\n`;
    });
  writeFileSync(join(root, 'DEBIAN/md5sums'), sums.join(''));
  settle(root, epoch);
  const file = join(out, `plow_${version}_${arch}.deb`);
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '-z6', '--build', root, file], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch) },
  });
  return file;
}
