#!/bin/bash
# tiny-image.sh: makes the disk images tiny.raw and tiny.qcow2 (1 MiB) in the lab's cache; up
# puts them on every host. Theirs is a guest in 512 bytes for tests that need a running domain
# but no system in it: it writes "tiny guest" to the serial port and halts for ever, deaf to
# the power button. It needs `firmware: bios`, is up at once and uses no CPU.
set -euo pipefail
umask 022
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/common.sh"

boot_sector() {
  # xor ax,ax; mov ds,ax; cld; mov si,message; mov dx,0x3f8 (COM1)
  printf '\x31\xC0\x8E\xD8\xFC\xBE\x16\x7C\xBA\xF8\x03'
  # next: lodsb; test al,al; jz halt; out dx,al; jmp next; halt: hlt; jmp halt
  printf '\xAC\x84\xC0\x74\x03\xEE\xEB\xF8\xF4\xEB\xFD'
  printf 'tiny guest\r\n\0'
}

[[ ! -e $cache/tiny.qcow2 ]] || exit 0
mkdir -p "$cache"
# Written under a name of our own, for those who do the same now, and then moved.
readonly new=$cache/tiny.$$
boot_sector > "$new"
truncate -s 510 "$new"
printf '\x55\xAA' >> "$new" # what firmware knows a boot sector by
truncate -s 1M "$new"
qemu-img convert -q -O qcow2 "$new" "$new.qcow2"
mv "$new" "$cache/tiny.raw"
mv "$new.qcow2" "$cache/tiny.qcow2"
