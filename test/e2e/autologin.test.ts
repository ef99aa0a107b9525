import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildGuestImage } from '../lab/guest-image.ts';
import { startLab } from '../lab/lab.ts';
import type { Lab } from '../lab/lab.ts';

/** One boot under emulation more: every night. */
const isWhole = process.env['PLOW_AUTOLOGIN'] === 'all';
if (!isWhole)
  console.log('not tried here, as it takes a boot: a console that logs in by itself (PLOW_AUTOLOGIN=all)');

const VM = `
name: auto
vcpus: 2
memory_gib: 1
boot_disk: { size_gb: 4, image: /var/lib/libvirt/images/debian.qcow2 }
network_interfaces:
  - { ip: 10.77.0.100/24, gateway: 10.77.0.11, bridge: br0 }
virt_type: qemu
provisioning:
  console_autologin: root
`;

let lab: Lab;
let work: string;

describe.runIf(isWhole)('a guest of cloud-init whose console logs in by itself', () => {
  beforeAll(async () => {
    const image = await buildGuestImage('bookworm');
    lab = await startLab();
    work = await mkdtemp(join(tmpdir(), 'plow-e2e-autologin-'));
    await lab.addImage('h1', image, 'debian.qcow2');
    await writeFile(join(work, 'vm.yaml'), VM);
  });
  afterAll(async () => {
    await lab?.stop();
    if (work !== undefined) await rm(work, { recursive: true });
  });

  it('does so at its first boot', async () => {
    expect(await lab.plow('h1', ['create', join(work, 'vm.yaml')])).toMatchObject({ code: 0 });
    const waited = await lab.plow('h1', ['wait', 'auto', '--for', 'cloud-init', '--timeout', '10m']);
    expect(waited).toMatchObject({ code: 0, stderr: '' });
    // A shell answers what is typed there, behind codes of its own; a login would ask for a password.
    const typed = `tty=$(virsh ttyconsole auto); exec 3<>$tty; stty -F $tty -echo
      timeout 300 sh -c 'while :; do echo "id -u | sed s/^/uid:/" >&3; sleep 2; done' & typing=$!
      timeout 300 grep -q -m 1 'uid:0' <&3; code=$?; kill $typing; exit $code`;
    expect(await lab.exec('h1', ['bash', '--norc', '-c', typed])).toMatchObject({ code: 0 });
    expect(await lab.plow('h1', ['destroy', '--yes', '--force', 'auto'])).toMatchObject({ code: 0 });
  });
});
