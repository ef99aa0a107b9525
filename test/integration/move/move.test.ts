import { describe, expect, it } from 'vitest';
import type { TestHost } from '../support.ts';
import { IMAGES, vm } from '../vms.ts';
import { faultyArgv } from '../../faults/faulty.ts';
import { DOCUMENT, SUMS, useTwoHosts } from './two-hosts.ts';

const hosts = useTwoHosts();

const CONFIG = vm({
  firmware: 'uefi',
  autostart: true,
  tags: ['blue'],
  description: 'a VM that moves',
  cloud_init: { root_password_hash: `$6$saltsalt$${'x'.repeat(86)}` },
  data_disks: [{ device: 'vdb', size_gb: 1 }],
});

/** A VM that has run on h1, and is off: its UEFI variables are there, and data on its second disk. */
async function given(): Promise<void> {
  const { h1 } = hosts();
  await h1.given(CONFIG);
  await h1.sh(`virsh -q destroy web
    qemu-io -f qcow2 -c 'write -P 65 0 3M' -c 'write -P 66 900M 1M' ${IMAGES}/web/data-vdb.qcow2`);
}

/** Of one that is off. */
async function gone(host: TestHost): Promise<void> {
  expect(await host.plow(['destroy', 'web'])).toMatchObject({ code: 0, stderr: '' });
}

describe('a VM that is off', () => {
  it('is there with all that it has, and gone here', async () => {
    await given();
    const { h1, h2 } = hosts();
    const [sums, document] = [await h1.sh(SUMS), await h1.sh(DOCUMENT)];
    const planned = await hosts().plow('move', 'web', '--to', 'h2', '--dry-run');
    expect(planned).toMatchObject({ code: 0 });
    expect(planned.stderr).toMatch(
      /^note: 5 files of .*\/web go along, [\d.]+ MiB: boot\.qcow2 .*web_VARS\.fd/mu,
    );
    expect(await hosts().whereIs('web')).toBe('h1 shut off');
    expect(await h1.sh(DOCUMENT)).toBe(document);
    const moved = await hosts().plow('move', 'web', '--to', 'h2');
    expect(moved).toMatchObject({ code: 0 });
    expect(moved.stdout).toMatch(/^Successfully moved VM 'web' to h2$/mu);
    expect(await hosts().whereIs('web')).toBe('h2 shut off');
    expect(await h2.sh(SUMS)).toBe(sums);
    expect(await h2.sh(DOCUMENT)).toBe(document);
    expect(await h2.virsh('dominfo web')).toMatch(/Autostart: +enable/u);
    await h2.virsh('start web');
    await h2.discard('web');
  });

  it('takes its base image along, where that is not there', async () => {
    const { h1, h2 } = hosts();
    await h1.sh(`cp ${IMAGES}/tiny.qcow2 ${IMAGES}/other.qcow2`);
    await h1.given(vm({ boot_disk: { image: `${IMAGES}/other.qcow2`, size_gb: 1 } }));
    await h1.virsh('destroy web');
    const moved = await hosts().plow('move', 'web', '--to', 'h2', '-o', 'json');
    expect(moved).toMatchObject({ code: 0 });
    expect(JSON.parse(moved.stdout)).toMatchObject({ action: 'move', status: 'moved', name: 'web' });
    const digest = `sha256sum < ${IMAGES}/other.qcow2; stat -c '%a %u:%g' ${IMAGES}/other.qcow2`;
    expect(await h2.sh(digest)).toBe(await h1.sh(digest));
    await h2.virsh('start web');
    await h2.discard('web');
    await Promise.all([h1, h2].map((host) => host.sh(`rm ${IMAGES}/other.qcow2`)));
  });

  it('stays where it is, and all that is in the way is told at once', async () => {
    const { h1, h2 } = hosts();
    const interfaces = [{ ip: '10.78.0.50/24', gateway: '10.78.0.1', bridge: 'br1' }];
    await h1.given(vm({ network_interfaces: interfaces }));
    await h2.given(vm({ network_interfaces: interfaces }));
    await h2.sh('virsh -q destroy web; ip link set br1 name br9');
    const before = [await h1.census(), await h2.census()];
    const refused = await hosts().plow('move', 'web', '--to', 'h2');
    expect(refused.code).toBe(4);
    const said = refused.stderr.replaceAll("VM 'web' does not move to h2: ", '');
    expect(said).toContain('h2 has another VM of the name');
    expect(said).toContain('10.78.0.50 is used by VM');
    expect(said).toContain("h2 has no bridge 'br1'");
    expect(said).toContain(`${IMAGES}/web is there already on h2`);
    expect(said).toContain('it is running: --cold stops it');
    expect([await h1.census(), await h2.census()]).toEqual(before);
    const itself = await hosts().plow('move', 'web', '--to', 'h1');
    expect(itself).toMatchObject({ code: 4 });
    expect(itself.stderr).toContain('h1 is the hypervisor that it is on');
    await gone(h2);
    await h2.sh('ip link set br9 name br1');
    await h1.discard('web');
  });

  it('does not go where a base image of the same path, format and size has other bytes', async () => {
    const { h1, h2 } = hosts();
    const copy = `cp ${IMAGES}/tiny.qcow2 ${IMAGES}/other.qcow2`;
    await h1.sh(copy);
    const last = `$(($(stat -c %s ${IMAGES}/other.qcow2) - 9))`;
    await h2.sh(`${copy}; printf x | dd of=${IMAGES}/other.qcow2 bs=1 seek=${last} conv=notrunc status=none`);
    await h1.given(vm({ boot_disk: { image: `${IMAGES}/other.qcow2`, size_gb: 1 } }));
    await h1.virsh('destroy web');
    const refused = await hosts().plow('move', 'web', '--to', 'h2');
    expect(refused).toMatchObject({ code: 4 });
    expect(refused.stderr).toContain(`${IMAGES}/other.qcow2, which it needs, has other bytes on h2`);
    await gone(h1);
    await Promise.all([h1, h2].map((host) => host.sh(`rm ${IMAGES}/other.qcow2`)));
  });
});

/** A move of it, killed as it copies the second file. */
async function killed(): Promise<void> {
  await given();
  const { h1 } = hosts();
  const trace = `${h1.files}/trace`;
  const words = ['--config', hosts().config, 'move', 'web', '--to', 'h2'];
  const dry = await hosts().run(faultyArgv([...words, '--dry-run'], [], trace));
  expect(dry).toMatchObject({ code: 0 });
  const calls = await hosts().callsOf(trace);
  const at = calls.length + 40;
  const { code } = await hosts().run(faultyArgv(words, [{ at, action: 'kill' }], trace));
  await hosts().callsOf(trace);
  expect(code).toBe(137);
  expect(await hosts().whereIs('web')).toBe('h1 shut off, h2 shut off');
}

describe('a move that was killed', () => {
  it('leaves a VM that nothing changes but the move, which goes back', async () => {
    await killed();
    const { h1, h2 } = hosts();
    const sums = await h1.sh(SUMS);
    const listed = await hosts().plow('list', '--all', '--all-hosts');
    expect(listed.stdout).toMatch(/^h1 +web +moving /mu);
    expect(listed.stdout).toMatch(/^h2 +web +incoming /mu);
    for (const words of [['start'], ['destroy'], ['resize', '--vcpus', '2'], ['snapshot', 'create']]) {
      for (const host of ['h1', 'h2']) {
        const [verb = '', ...more] = words;
        const name = verb === 'snapshot' ? ['web', 'one'] : ['web'];
        const said = await hosts().plow('--host', host, verb, ...more, ...name);
        expect(said.stderr).toMatch(/^error: .*VM 'web' is on its way: it (?:moves to h2|comes from h1)/mu);
        expect(said.code).toBe(4);
      }
    }
    expect(await h2.exec(['virsh', 'start', 'web'])).toMatchObject({ code: 1 });
    const shown = await hosts().plow('show', 'web');
    expect(shown.stdout).toMatch(/^On its way: +to h2: plow move --resume goes on/mu);
    const back = await hosts().plow('move', '--abort', 'web');
    expect(back).toMatchObject({ code: 0 });
    expect(await hosts().whereIs('web')).toBe('h1 shut off');
    expect(await h1.virsh('dominfo web')).toMatch(/Autostart: +enable/u);
    expect(await h1.sh(DOCUMENT)).not.toContain('plow-mov');
    expect(await h1.sh(SUMS)).toBe(sums);
    await gone(h1);
  });

  it('goes on where it was', async () => {
    await killed();
    const { h1, h2 } = hosts();
    const sums = await h1.sh(SUMS);
    expect(await hosts().plow('move', '--resume', 'web')).toMatchObject({ code: 0 });
    expect(await hosts().whereIs('web')).toBe('h2 shut off');
    expect(await h2.sh(SUMS)).toBe(sums);
    expect(await h2.sh(DOCUMENT)).not.toContain('plow-mov');
    await gone(h2);
  });
});
