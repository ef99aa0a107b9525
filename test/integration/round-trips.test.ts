import { describe, expect, it } from 'vitest';
import { farLine } from '../lab/far-line.ts';
import type { FarLine } from '../lab/far-line.ts';
import type { Finished } from '../lab/lab.ts';
import { useHost } from './support.ts';
import { created, IMAGES, vm } from './vms.ts';

const host = useHost();

/** What is slow on a busy machine is to be quick beside it. */
const ROUND_TRIP_MS = 200;
const EVERYTHING = vm({
  cloud_init: { root_password_hash: `$6$saltsalt$${'x'.repeat(86)}` },
  data_disks: ['vdb', 'vdc', 'vdd'].map((device) => ({ device, size_gb: 1 })),
  firmware: 'uefi',
  autostart: true,
});
const EVERYTHINGS_SIZES = { sizes: '1 GB boot + 3 GB data', seed: true };

interface Far {
  readonly finished: Finished;
  readonly line: FarLine;
}

/** Runs plow with the hypervisor far away. */
async function plow(...argv: readonly string[]): Promise<Far> {
  const { files, lab } = host();
  const socket = `${files}/far`;
  const line = await farLine(socket, `/tmp/${lab.name}/h1/run/libvirt/libvirt-sock`, ROUND_TRIP_MS);
  const finished = await host().plow(['-c', `qemu+unix:///system?socket=${socket}`, ...argv]);
  await line.stop();
  return { finished, line };
}

describe('over a line with a long round trip, a create', () => {
  it.each([
    ['', '', ''],
    [
      ', with other VMs and a pool on the storage path,',
      `virsh pool-create-as default dir --target ${IMAGES}`,
      'virsh pool-destroy default',
    ],
    [
      ', with its image elsewhere,',
      'mkdir -p /var/lib/libvirt/base; cp $IMAGES/tiny.qcow2 /var/lib/libvirt/base/',
      'rm -r /var/lib/libvirt/base',
    ],
  ])('%s costs at most 20 of them', async (what, prepare, restore) => {
    await host().sh(`IMAGES=${IMAGES}; ${prepare}`);
    if (what.includes('VMs')) for (const name of ['a', 'b']) await host().foreignVm('define', { name });
    const image = what.includes('elsewhere') ? '/var/lib/libvirt/base/tiny.qcow2' : `${IMAGES}/tiny.qcow2`;
    const settings = await host().write({ image_dirs: [IMAGES, '/var/lib/libvirt/base'] }, 'settings.yaml');
    const config = await host().write({ ...EVERYTHING, boot_disk: { image, size_gb: 1 } });
    const { finished, line } = await plow('--config', settings, 'create', config);
    expect(finished).toEqual({ code: 0, stdout: created('web', EVERYTHINGS_SIZES), stderr: '' });
    expect(line.roundTrips()).toBeLessThanOrEqual(20);
    await host().discard('web');
    if (what.includes('VMs')) for (const name of ['a', 'b']) await host().virsh(`undefine ${name}`);
    await host().sh(`IMAGES=${IMAGES}; ${restore}`);
  });

  it('tells all mistakes at once, in the order of the file', async () => {
    const wrong = await host().write(
      vm({
        boot_disk: { image: `${IMAGES}/nosuch.qcow2`, size_gb: 1 },
        network_interfaces: [{ ip: '10.77.0.50/24', gateway: '10.77.0.1', bridge: 'nosuch' }],
        memory_gib: 60_000,
      }),
      'wrong.yaml',
    );
    const near = await host().plow(['create', wrong]);
    const { finished, line } = await plow('create', wrong);
    expect(near.code).not.toBe(0);
    expect(finished).toEqual(near);
    expect(line.roundTrips()).toBeLessThanOrEqual(12);
  });

  it('has a dry run that costs few', async () => {
    const { finished, line } = await plow('create', '--dry-run', await host().write(EVERYTHING));
    expect(finished.code).toBe(0);
    expect(line.roundTrips()).toBeLessThanOrEqual(6);
  });
});

it('the next free address costs as many with six VMs that run as with one', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  for (const name of names) await host().foreignVm('create --paused', { name });
  const { finished, line } = await plow('ip', 'next', '10.77.0.50/24');
  expect(finished).toMatchObject({ code: 0, stdout: '10.77.0.50/24\n' });
  expect(line.roundTrips()).toBeLessThanOrEqual(7);
  for (const name of names) await host().virsh(`destroy ${name}`);
});

describe('over such a line', () => {
  it('plow apply and plow diff ask little of a VM that is as its file says', async () => {
    await host().given(EVERYTHING);
    const config = await host().write(EVERYTHING);
    const near = await host().plow(['apply', '--verbose', config]);
    const calls = [...near.stderr.matchAll(/^libvirt: \S+ vir(?!ConnectOpen|Stream)\w+/gmu)];
    for (const argv of [['apply'], ['diff']]) {
      const { finished, line } = await plow(...argv, config);
      expect(finished).toMatchObject({ code: 0, stdout: '' });
      expect(line.roundTrips()).toBeLessThanOrEqual(8);
    }
    expect(calls.length).toBeLessThanOrEqual(17);
    // Somebody's pool on its directory is used, and stays.
    await host().virsh(`pool-create-as mine dir --target ${IMAGES}/web`);
    const { finished } = await plow('diff', config);
    expect(finished).toMatchObject({ code: 0, stdout: '' });
    expect(await host().virsh('pool-list --name')).toBe('mine');
    await host().virsh('pool-destroy mine');
    // What was changed by hand is found, be it in the seed.
    await host().sh(`LC_ALL=C sed -i s/saltsalt/saltSALT/ ${IMAGES}/web/cloudinit.iso`);
    expect((await plow('diff', config)).finished.stdout).toContain('guest root_password');
    await host().discard('web');
  });
});
