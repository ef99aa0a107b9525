import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { showDocument } from '../../src/documents/show-schema.ts';
import { useHost } from './support.ts';
import { created, destroyed, IMAGES, vm } from './vms.ts';

const host = useHost();

const CHANGES = { arch: 'aarch64', firmware: undefined, virt_type: undefined, memory_gib: undefined };
const ARM = vm({ ...CHANGES, memory_mib: 128, cloud_init: { fqdn: 'web.example.com' } });
const NOTE =
  'note: this hypervisor is of x86_64: the VM, which is of aarch64, runs under emulation, which is much slower\n';
const DIRECTORY = `${IMAGES}/web`;
const NVRAM = '/var/lib/libvirt/qemu/nvram/web_VARS.fd';
const BOOT_MS = 120_000;

async function plow(...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await host().plow(argv);
  if (code !== 0 || stderr !== '') throw new Error(`plow ${argv.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}

/** The firmware's words, as soon as it has some of these. */
async function consoleWith(words: string): Promise<string> {
  for (const end = Date.now() + BOOT_MS; Date.now() < end; await sleep(500)) {
    const log = await plow('log', 'web');
    if (log.includes(words)) return log;
  }
  return plow('log', 'web');
}

describe('a VM of aarch64 on a hypervisor of x86_64', () => {
  it('boots its firmware, is shown and exported as it was made, and leaves nothing behind', async () => {
    expect(await host().create(ARM)).toEqual({
      code: 0,
      stdout: created('web', { seed: true }),
      stderr: NOTE,
    });
    expect(await consoleWith('UEFI Interactive Shell')).toMatch(
      /^UEFI firmware [^]*BdsDxe: starting [^]*UEFI Interactive Shell/u,
    );
    expect(await plow('list', '--columns', 'name,state', '--no-headers')).toMatch(/^web +running\s*$/u);
    const { vm: shown } = showDocument.parse(JSON.parse(await plow('show', 'web', '-o', 'json')));
    expect(shown).toMatchObject({
      arch: 'aarch64',
      virt_type: 'qemu',
      machine_type: expect.stringMatching(/^virt-\d/u),
      cpu_mode: 'maximum',
      firmware: { type: 'uefi', nvram: NVRAM },
      declared: { arch: 'aarch64', machine_type: 'virt', cpu_mode: 'maximum' },
      differences: [],
    });
    const exported = await plow('export', 'web');
    expect(exported).toMatch(/^arch: aarch64$/mu);
    // Nothing that a file has no words for, and nothing that goes without saying.
    expect(exported.split('\n').filter((line) => /^#|^(?:machine|cpu_mode|firmware):/u.test(line))).toEqual([
      expect.stringContaining('# exported from'),
    ]);
    await host().discard('web');
    expect(await host().sh(`ls -d ${NVRAM} ${DIRECTORY} 2>&1 || true`)).not.toMatch(/^\//mu);
  });

  it('goes back to a snapshot, with its 64 MiB of UEFI variables', async () => {
    expect(await host().create(ARM)).toMatchObject({ code: 0, stderr: NOTE });
    await host().virsh('destroy web');
    await host().sh(`printf before | dd conv=notrunc status=none of=${NVRAM}`);
    await plow('snapshot', 'create', 'web', 'one');
    await host().sh(`printf behind | dd conv=notrunc status=none of=${NVRAM}`);
    await plow('snapshot', 'revert', 'web', 'one');
    expect(await host().sh(`head -c 6 ${NVRAM}; stat -c ' %s' ${NVRAM}`)).toBe(`before ${64 * 2 ** 20}`);
    expect(await host().plow(['destroy', 'web', '--yes'])).toEqual({
      code: 0,
      stdout: destroyed('web', { was: 'off' }),
      stderr: 'note: 1 snapshot went with it\n',
    });
    expect(await host().sh(`ls -d ${NVRAM} ${DIRECTORY} 2>&1 || true`)).not.toMatch(/^\//mu);
  });

  it.each(['virtio', 'vga'])('has a screen with a %s card, a keyboard and a pointer', async (video) => {
    const made = await host().create({ ...ARM, cloud_init: undefined, vnc: { listen: '127.0.0.1', video } });
    expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining(NOTE) });
    const live = await host().virsh('dumpxml web');
    expect(live).toContain(`<model type='${video}'`);
    expect([...live.matchAll(/<input type='(\w+)' bus='usb'/gu)].map(([, type]) => type)).toEqual([
      'keyboard',
      'tablet',
    ]);
    const greeting = await host().plowInShell('exec 3<>/dev/tcp/127.0.0.1/5900; head -c 12 <&3');
    expect(greeting.stdout).toBe('RFB 003.008\n');
    const shot = await host().plowInShell('"$@" screenshot web - | head -c 4 | tail -c 3');
    expect([shot.stderr, shot.stdout]).toEqual(['', 'PNG']);
    expect(await plow('export', 'web')).toMatch(/^vnc:/mu);
    await host().discard('web');
  });

  it('is refused with what its architecture does not have', async () => {
    const { code, stderr } = await host().create({ ...ARM, arch: undefined, machine: 'virt' });
    expect(code).toBe(2);
    expect(stderr).toContain('machine: virt is of aarch64, and this VM is of x86_64 (a VM is of');
  });
});
