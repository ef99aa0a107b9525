#!/bin/bash
# cloud-init.sh ARGS...: Debian's cloud-init as a judge of what plow writes for it:
#
#   cloud-init.sh schema --config-file USER-DATA
#   cloud-init.sh devel net-convert --network-data NETWORK-CONFIG --kind yaml \
#     --directory OUT --distro debian --output-kind netplan
set -euo pipefail
umask 022
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/common.sh"
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/unpack.sh"

root=$(unpacked cloud-init cloud-init)
# Debian's own python: the first on the PATH may not see Debian's modules.
PYTHONPATH=$root/usr/lib/python3/dist-packages exec /usr/bin/python3 -m cloudinit.cmd.main "$@"
