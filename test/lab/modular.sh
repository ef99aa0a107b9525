#!/bin/bash
# modular.sh: builds the daemons that Fedora and RHEL have in place of libvirtd (virtqemud, virtstoraged and
# their like), and prints the directory that they are in. Debian 12 and 13 ship libvirtd alone.
#
# They come from Debian's own source of the libvirt that is installed, built in a chroot that is thrown
# away: two minutes of two cores, six of one, 1 GB meanwhile. They run with the installed libvirt.so.0 and
# its driver modules.
set -euo pipefail
umask 022
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/common.sh"

readonly build_needs=build-essential,pkg-config,ca-certificates,meson,ninja-build,libglib2.0-dev,libgnutls28-dev,libtirpc-dev,libxml2-dev,libyajl-dev,libudev-dev,libpciaccess-dev,libnl-3-dev,libnl-route-3-dev,libxml2-utils,xsltproc,python3-docutils,libdevmapper-dev,libparted-dev,libcap-ng-dev,libblkid-dev,libattr1-dev,libacl1-dev,libselinux1-dev,libapparmor-dev,libnuma-dev,libsasl2-dev

# The machine's own mirrors, with sources.
mirrors() {
  local wanted=('Identifier: Packages' 'Origin: Debian' 'Component: main') url suite
  # shellcheck disable=SC2016 # apt fills them in
  apt-get indextargets --format '$(REPO_URI) $(RELEASE)' "${wanted[@]}" | sort -u |
    while read -r url suite; do printf 'deb %s %s main\ndeb-src %s %s main\n' "$url" "$suite" "$url" "$suite"; done
}

# What runs in the chroot. As Debian configures it, but for what these daemons do without.
recipe() {
  cat << RECIPE
set -ex
cd /root
apt-get -qq update
apt-get -qq -o APT::Sandbox::User=root source --download-only libvirt=$1
dpkg-source --no-check -x libvirt_*.dsc src
cd src
meson setup build --prefix=/usr --libdir=lib/\$(gcc -dumpmachine) --sysconfdir=/etc --localstatedir=/var \\
  -Drunstatedir=/run --auto-features=disabled -Dsystem=true -Ddriver_remote=enabled -Ddriver_libvirtd=enabled \\
  -Ddriver_qemu=enabled -Ddriver_interface=enabled -Ddriver_network=enabled -Dstorage_dir=enabled \\
  -Ddriver_secrets=enabled -Dudev=enabled -Dpciaccess=enabled -Dsasl=enabled -Dapparmor=enabled \\
  -Dselinux=enabled -Dlibnl=enabled -Dcapng=enabled -Dyajl=enabled -Dnumactl=enabled -Dattr=enabled \\
  -Dblkid=enabled -Dbuildtype=plain -Dc_args=-O1
ninja -C build -j2 ${modular_daemons[*]/#/src/}
strip ${modular_daemons[*]/#/build/src/}
RECIPE
}

build() {
  local work version sources
  # shellcheck source=/dev/null
  source /etc/os-release
  "${BASH_SOURCE[0]%/*}/setup.sh" mmdebstrap > /dev/null
  version=$(dpkg-query --show --showformat '${source:Version}' libvirt0)
  mapfile -t sources < <(mirrors)
  work=$(mktemp -d)
  # shellcheck disable=SC2064 # as it is now
  trap "rm -rf --one-file-system '$work'" EXIT
  chmod 755 "$work"
  nice -n 19 mmdebstrap --quiet --variant=apt --aptopt='APT::Sandbox::User "root"' --include="$build_needs" \
    "$VERSION_CODENAME" "$work/root" "${sources[@]}" >&2
  recipe "$version" > "$work/root/root/recipe.sh"
  nice -n 19 unshare --mount --pid --fork --propagation slave bash -c \
    "mount -t proc proc $work/root/proc; exec chroot $work/root bash /root/recipe.sh" > "$work/log" 2>&1 ||
    die "the daemons could not be built: $(tail -n 20 "$work/log")"
  mkdir -p "$cache"
  rm -rf "$cache/modular.$$"
  mkdir "$cache/modular.$$"
  cp "${modular_daemons[@]/#/$work/root/root/src/build/src/}" "$cache/modular.$$"
  mv "$cache/modular.$$" "$cache/modular"
}

require_root
[[ -x $cache/modular/virtqemud ]] || build
echo "$cache/modular"
