import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hookScript } from '../../../src/routing/hook.ts';
import { tapRules } from '../../../src/routing/nft.ts';
import { run } from '../../run.ts';

/** The document of a VM with these interfaces, as libvirt writes it. */
export function domainOf(...interfaces: readonly string[]): string {
  return `<domain type='qemu'>
  <name>web</name>
  <devices>
    <disk type='file' device='disk'>
      <target dev='vda' bus='virtio'/>
    </disk>
${interfaces.join('\n')}
  </devices>
</domain>
`;
}

/** An interface in such a document. */
export function nic(tap: string, type = 'ethernet'): string {
  return `    <interface type='${type}'>
      <mac address='be:ef:0a:37:16:16'/>
      <target dev='${tap}'/>
      <model type='virtio'/>
    </interface>`;
}

/**
 * Where each script runs: no network but a loopback, an /etc and a /run of its own, and a sysfs that shows
 * this network. `hook OPERATION` runs the hook for VM web with the document in $document.
 */
const SURROUNDINGS = `
mount -t tmpfs none /run
mkdir /run/etc /run/work
mount -t overlay -o lowerdir=/etc,upperdir=/run/etc,workdir=/run/work none /etc
mkdir -p /etc/plow
rm -f /etc/plow/*
mount -t sysfs sysfs /sys
ip link set lo up
tap() { ip tuntap add "$1" mode tap && ip link set "$1" up; }
hook() { code=0; printf '%s' "$document" | "$plow" web "$@" || code=$?; echo "$1: $code"; }
address() { ip -o -4 address show dev "$1" | sed -n 's/.*inet \\(.*\\) scope.*/\\1/p'; }
table() {
  nft list table inet plow > /run/table 2> /dev/null || { echo 'no table'; return; }
  grep -o '"vm[^"]*"' /run/table | tr '\\n' ' '
  grep -c drop /run/table
}
`;

/**
 * What a script prints where the hook runs, on stdout and stderr alike. @param document of the VM
 * @throws Error unless each of its commands ends with 0
 */
export async function inOwnNetwork(script: string, document: string): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'plow-hook-'));
  try {
    const hook = join(folder, 'plow');
    await writeFile(hook, hookScript(), { mode: 0o755 });
    await writeFile(join(folder, 'taps.nft'), tapRules('none'));
    await writeFile(join(folder, 'isolated.nft'), tapRules(['up0']));
    const words = `exec 2>&1\nfolder=${folder} plow=${hook} document=$(cat)\n${SURROUNDINGS}\n${script}`;
    const printed = await run('unshare', ['--net', '--mount', 'sh', '-ec', words], document);
    return printed.split('\n').filter((line) => line !== '');
  } finally {
    await rm(folder, { recursive: true });
  }
}
