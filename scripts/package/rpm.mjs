// A .rpm: https://rpm-software-management.github.io/rpm/manual/spec.html
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARCHITECTURES, sortable } from './sources.mjs';
import { settle } from './tree.mjs';

/** Nothing of the machine that builds gets into the package, and nothing in it is changed. */
const MACROS = {
  _buildhost: 'localhost',
  use_source_date_epoch_as_buildtime: '1',
  clamp_mtime_to_source_date_epoch: '1',
  _build_id_links: 'none',
  __os_install_post: '%{nil}',
  debug_package: '%{nil}',
  _binary_payload: 'w9.zstdio',
};

/** @param directories that are the package's alone */
function spec({ version: own, description }, { maintainer, epoch, files, directories }) {
  const version = sortable(own);
  const day = new Date(epoch * 1000).toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+).*/u, '$1 $3 $2 $4');
  return `Name: plow
Version: ${version}
Release: 1
Summary: VMs on libvirt from YAML files
License: MIT
Packager: ${maintainer}
AutoReqProv: no
Requires: libvirt-libs >= 7.2
Requires: glibc >= 2.28
Requires: libstdc++ >= 9
Recommends: openssh-clients

%description
${description}.
It works on this machine and on others over ssh. This package has a Node.js of its own.

%files
${directories.map((path) => `%dir /${path}`).join('\n')}
${files.map((path) => `${kindOf(path)}"/${path}"`).join('\n')}

%changelog
* ${day} ${maintainer} - ${version}-1
- What has changed is in CHANGELOG.md of the documentation.
`;
}

function kindOf(path) {
  if (path.startsWith('usr/share/licenses/')) return '%license ';
  return path.startsWith('usr/share/doc/') || path.startsWith('usr/share/man/') ? '%doc ' : '';
}

export function makeRpm(root, out, work, { arch, release, maintainer, files, directories }) {
  const { epoch } = release;
  settle(root, epoch);
  const file = join(work, 'plow.spec');
  writeFileSync(file, spec(release, { maintainer, epoch, files, directories }));
  const target = ARCHITECTURES[arch].rpm;
  const macros = { ...MACROS, _topdir: join(work, 'rpmbuild'), _rpmdir: join(work, 'rpms') };
  const defines = Object.entries(macros).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
  mkdirSync(join(work, 'rpms'));
  execFileSync(
    'rpmbuild',
    ['-bb', '--quiet', '--target', `${target}-linux`, '--buildroot', root, ...defines, file],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch) },
    },
  );
  const [name = ''] = readdirSync(join(work, 'rpms', target));
  const made = join(out, name);
  renameSync(join(work, 'rpms', target, name), made);
  return made;
}
