import { expect, it } from 'vitest';
import { useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();
const DISK = `${IMAGES}/web`;

async function plow(...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await host().plow(argv);
  if (code !== 0) throw new Error(`plow ${argv.join(' ')} ended with ${code}: ${stderr}`);
  return `${stdout}${stderr}`;
}

const files = async (): Promise<readonly string[]> => (await host().sh(`ls ${DISK}`)).split('\n');
const identity = (): Promise<string> =>
  host().sh(`virsh dumpxml --inactive web | grep -oE '<uuid>.*|<mac .*|ssh-ed25519 [^&" ]*' | sort -u`);
const seedIn = (file: string, part: string): Promise<string> =>
  host().sh(`isoinfo -R -x /${part} -i ${DISK}/${file}`);

/** A VM that runs, with a mark on its boot disk and on its data disk, and a second image. */
async function given(changes: object = {}): Promise<void> {
  await host().sh(`cp ${IMAGES}/tiny.qcow2 ${IMAGES}/newer.qcow2`);
  await host().given(
    vm({ data_disks: [{ device: 'vdb', size_gb: 1 }], cloud_init: { fqdn: 'web.example.com' }, ...changes }),
  );
  await host().virsh('destroy web');
  await host().sh(`qemu-io -c 'write -P 0xa1 1M 512' ${DISK}/boot.qcow2
    qemu-io -c 'write -P 0xb1 0 512' ${DISK}/data-vdb.qcow2`);
  await host().virsh('start web');
}

async function cleared(): Promise<void> {
  await plow('destroy', '--force', 'web');
  expect(await host().sh(`ls ${IMAGES}`)).not.toContain('web');
  await host().sh(`rm ${IMAGES}/newer.qcow2`);
}

const byteAt = (file: string, offset: string): Promise<string> =>
  host().sh(`qemu-io -U -r -c 'read -v ${offset} 2' ${DISK}/${file} | sed -n 's/^[0-9a-f]*: *//p'`);

it('a VM gets a new boot disk of another image, with its identity and its data; the old one comes back, or goes', async () => {
  await given();
  const before = await identity();
  const was = await seedIn('cloudinit.iso', 'meta-data');
  expect(await plow('rebuild', '--force', '--yes', '--image', `${IMAGES}/newer.qcow2`, 'web')).toContain(
    'the old disk is kept',
  );
  expect(await host().virsh('domstate web')).toBe('running');
  expect(await identity()).toBe(before);
  const [disk = ''] = (await files()).filter((file) => /^boot-[0-9a-f]{8}\.qcow2$/u.test(file));
  const [seed = ''] = (await files()).filter((file) => /^cloudinit-[0-9a-f]{8}\.iso$/u.test(file));
  expect(await host().virsh('domblklist web')).toContain(`${DISK}/${disk}`);
  expect(await host().sh(`qemu-img info -U ${DISK}/${disk}`)).toContain(`${IMAGES}/newer.qcow2`);
  expect(await host().sh(`stat -c '%U %a' ${IMAGES}/newer.qcow2`)).toBe('root 644');
  expect(await byteAt('data-vdb.qcow2', '0')).toMatch(/^b1 b1/u);
  expect(await seedIn(seed, 'meta-data')).not.toBe(was);
  expect(await seedIn(seed, 'user-data')).toBe(await seedIn('cloudinit.iso', 'user-data'));
  const shown = await plow('show', 'web');
  expect(shown).not.toContain('Differences:');
  expect(shown).toContain(seed);
  expect(shown).toMatch(
    new RegExp(
      `^Old boot disk: +${DISK}/boot\\.qcow2, kept since .*plow rebuild web --drop-old removes it`,
      'mu',
    ),
  );
  const garbage = await plow('gc');
  expect(garbage).not.toContain(disk);
  expect(garbage).toContain('plow rebuild web --drop-old removes it, --undo brings it back');

  const again = JSON.parse((await host().plow(['rebuild', '-o', 'json', 'web'])).stdout) as {
    status: string;
  };
  expect(again.status).toBe('unchanged');
  await plow('rebuild', '--undo', '--force', '--yes', 'web');
  expect(await host().virsh('domstate web')).toBe('running');
  expect((await files()).filter((file) => /^(?:boot|cloudinit)/u.test(file))).toEqual([
    'boot.qcow2',
    'cloudinit.iso',
  ]);
  expect(await byteAt('boot.qcow2', '1M')).toMatch(/^a1 a1/u);
  expect(await seedIn('cloudinit.iso', 'meta-data')).toBe(was);
  expect(await identity()).toBe(before);
  expect(await host().virsh('dumpxml --inactive web')).not.toContain('plow-rebuild');

  await plow('rebuild', '--force', '--yes', 'web');
  await plow('rebuild', '--drop-old', '--yes', 'web');
  expect(await files()).not.toContain('boot.qcow2');
  expect(await files()).not.toContain('cloudinit.iso');
  expect(await host().virsh('dumpxml --inactive web')).not.toContain('plow-rebuild');
  expect(await byteAt('data-vdb.qcow2', '0')).toMatch(/^b1 b1/u);
  await cleared();
});

it('with --wait the old disk goes once the VM runs, and comes back where it does not come up', async () => {
  await given();
  const late = await host().plow([
    'rebuild',
    'web',
    '--force',
    '--yes',
    '--wait-for',
    'ssh',
    '--wait-timeout',
    '2s',
  ]);
  expect(late).toMatchObject({ code: 4 });
  expect(late.stderr).toContain('the old one comes back');
  expect(await host().virsh('domstate web')).toBe('running');
  expect((await files()).filter((file) => file.startsWith('boot'))).toEqual(['boot.qcow2']);
  expect(await byteAt('boot.qcow2', '1M')).toMatch(/^a1 a1/u);

  await plow('rebuild', 'web', '--force', '--yes', '--wait-for', 'running');
  expect((await files()).filter((file) => file.startsWith('boot'))).toEqual([
    expect.stringMatching(/^boot-[0-9a-f]{8}\.qcow2$/u),
  ]);
  await cleared();
});

it('is refused for a VM with a snapshot, one on whose disk others stand, and one that is protected', async () => {
  await given();
  const refused = async (why: string): Promise<void> => {
    const { code, stderr } = await host().plow(['rebuild', 'web', '--force', '--yes']);
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining(why) as unknown });
  };
  await plow('protect', 'web');
  await refused("VM 'web' is protected: it is not rebuilt");
  await plow('unprotect', 'web');
  await plow('snapshot', 'create', 'web', 'one');
  await refused("its snapshot 'one' holds the disk that it starts from");
  await plow('clone', 'web', 'web-2', '--ip', '10.77.0.51/24', '--snapshot', 'one', '--linked', '--no-start');
  await plow('snapshot', 'delete', 'web', 'one');
  await refused("VM 'web-2' stands on it");
  const { stderr } = await host().plow(['rebuild', 'web', '--yes', '--image', 'none-such']);
  expect(stderr).toContain('stands on it');
  await plow('destroy', 'web-2');
  expect((await host().plow(['rebuild', 'web', '--yes', '--image', 'none-such'])).stderr).toContain(
    '--image:',
  );
  await plow('rebuild', 'web', '--force', '--yes', '--wait-for', 'running');
  expect(
    (await files()).filter((file) => /^(?:boot|snap)/u.test(file) && !file.includes('vdb')),
  ).toHaveLength(1);
  await cleared();
});

it('a new seed says what the file says, to a VM that runs as well', async () => {
  await given();
  const path = '/tmp/plow-reseed.yaml';
  const config = vm({
    data_disks: [{ device: 'vdb', size_gb: 1 }],
    cloud_init: { fqdn: 'new.example.com', packages: ['nginx'] },
  });
  await host().sh(`cat > ${path} << 'END'\n${JSON.stringify(config)}\nEND`);
  const before = await identity();
  await plow('rebuild', 'web', '--file', path, '--seed-only');
  const [seed = ''] = (await files()).filter((file) => file.startsWith('cloudinit'));
  expect((await files()).filter((file) => file.startsWith('cloudinit'))).toHaveLength(1);
  expect(await seedIn(seed, 'user-data')).toContain('nginx');
  expect(await host().virsh('domblklist web')).toContain(seed);
  expect(await host().virsh('domblklist --inactive web')).toContain(seed);
  expect(await identity()).toBe(before);
  expect(await host().sh(`stat -c %a ${DISK}/${seed}`)).toBe('600');
  await host().virsh('destroy web');
  await plow('start', 'web');
  await host().sh(`rm ${path}`);
  await cleared();
});
