#!/bin/bash
# plow's main job, for real, in a throwaway hypervisor on this machine: a YAML file becomes a VM whose guest boots and
# answers ssh, and is gone again. Needs root on Debian 12 and Node.js 20; installs the rest. Nothing outside the lab is
# touched. About five minutes the first time (it builds a guest image), two after that: guests run under emulation.
set -euo pipefail
root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
cd "$root"
lab=test/lab/lab.sh
export LAB_NAME=plow-demo-$$

say() {
  if [[ -t 1 && -z ${NO_COLOR:-} ]]; then printf '\n\033[1m# %s\033[0m\n' "$*"; else printf '\n# %s\n' "$*"; fi
}
show() {
  printf '$ %s\n' "$*"
  "$lab" exec h1 "$@"
}
plow() {
  printf '$ plow %s\n' "$*"
  "$lab" exec h1 "$root/dist/plow.cjs" "$@"
}

say 'Preparing: packages, plow itself, a Debian guest image'
test/lab/setup.sh
npm ci --no-audit --no-fund --loglevel=error
npm run --silent build
image=$(test/lab/guest-image.sh bookworm)

work=$(mktemp -d)
trap '"$lab" down; rm -rf "$work"' EXIT
"$lab" up 1

# The hypervisor that examples/simple-vm.yaml is written for: its image, its network, your key.
cp "$image" "/tmp/$LAB_NAME/h1/lib/images/debian-12.qcow2"
"$lab" exec h1 ip address add 10.20.30.1/24 dev br0
ssh-keygen -q -t ed25519 -N '' -C demo -f "$work/key"
sed "s|ssh-ed25519 .*|$(cat "$work/key.pub")|" examples/simple-vm.yaml > "$work/simple-vm.yaml"

say 'examples/simple-vm.yaml, with a key made a moment ago'
grep -vE '^ *(#|$)' "$work/simple-vm.yaml"

say 'Create'
plow create "$work/simple-vm.yaml"
plow list

say 'The guest boots under emulation, which takes a minute or two, and lets the key in'
guest=(ssh -i "$work/key" -o BatchMode=yes -o ConnectTimeout=5 -o LogLevel=ERROR
  -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile="$work/known_hosts" root@10.20.30.40)
deadline=$((SECONDS + 600))
until "$lab" exec h1 "${guest[@]}" true 2> /dev/null; do
  if ((SECONDS > deadline)); then
    echo 'the guest does not answer' >&2
    exit 1
  fi
  sleep 2
done
printf '$ ssh root@10.20.30.40\n'
"$lab" exec h1 "${guest[@]}" 'hostname --fqdn; ip -brief -4 address; ip route show default; cloud-init status --wait'

say 'Destroy'
plow destroy --yes simple-vm
plow list --all
show virsh pool-list --all
show find /var/lib/libvirt/images /var/lib/libvirt/qemu/nvram -mindepth 1

say 'Done: a VM came and went'
