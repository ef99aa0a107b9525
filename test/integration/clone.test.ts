import { expect, it } from 'vitest';
import { useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();

const NVRAM = '/var/lib/libvirt/qemu/nvram';
const HASH = `$6$saltsalt$${'x'.repeat(86)}`;

async function plow(...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await host().plow(argv);
  if (code !== 0) throw new Error(`plow ${argv.join(' ')} ended with ${code}: ${stderr}`);
  return `${stdout}${stderr}`;
}

/** The first bytes of a disk of a VM that is off. */
async function begins(file: string): Promise<string> {
  return host().sh(`qemu-io -r -c 'read -v 0 4' ${IMAGES}/${file} | sed -n 's/^00000000: *//p'`);
}

async function seedOf(name: string): Promise<string> {
  const parts = ['user-data', 'meta-data', 'network-config', 'vendor-data'];
  return host().sh(
    parts.map((part) => `isoinfo -R -x /${part} -i ${IMAGES}/${name}/cloudinit.iso`).join('; '),
  );
}

it('a VM that is off is copied, with UEFI variables and an identity of its own; the source is as it was', async () => {
  const config = vm({
    firmware: 'uefi',
    data_disks: [{ device: 'vdb', size_gb: 1 }],
    cloud_init: { fqdn: 'web.example.com', root_password_hash: HASH },
  });
  await host().given(config);
  const refused = await host().plow(['clone', 'web', 'web-2', '--ip', '10.77.0.51/24']);
  expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('it is running') as unknown });
  await host().virsh('destroy web');
  await host().sh(`qemu-io -c 'write -P 0xa1 0 512' ${IMAGES}/web/boot.qcow2
    qemu-io -c 'write -P 0xb1 0 512' ${IMAGES}/web/data-vdb.qcow2
    printf variables | dd conv=notrunc status=none of=${NVRAM}/web_VARS.fd`);
  const look = `virsh dumpxml --inactive web; md5sum ${IMAGES}/web/* ${NVRAM}/web_VARS.fd`;
  const before = await host().sh(look);
  await plow('clone', 'web', 'web-2', '--ip', '10.77.0.51/24', '--no-start');
  expect(await host().sh(look)).toBe(before);
  expect(await begins('web-2/boot.qcow2')).toMatch(/^a1 a1 a1 a1/u);
  expect(await begins('web-2/data-vdb.qcow2')).toMatch(/^b1 b1 b1 b1/u);
  expect(await host().sh(`qemu-img info ${IMAGES}/web-2/boot.qcow2`)).not.toContain('backing file');
  expect(await host().sh(`head -c 9 ${NVRAM}/web-2_VARS.fd`)).toBe('variables');
  expect(await host().sh(`stat -c %a ${IMAGES}/web-2/* ${NVRAM}/web-2_VARS.fd`)).toMatch(/^(?:600\s*)+$/u);
  const [one, two] = [await seedOf('web'), await seedOf('web-2')];
  for (const word of [
    'fqdn: web-2.example.com',
    'instance-id: web-2-',
    '10.77.0.51/24',
    HASH,
    '/etc/machine-id',
  ])
    expect(two).toContain(word);
  const publicKey = /ed25519_public: (?<key>.*)/u;
  expect(publicKey.exec(two)?.groups?.['key']).not.toBe(publicKey.exec(one)?.groups?.['key']);
  expect(await host().virsh('dumpxml --inactive web-2')).not.toContain(HASH);

  await plow('start', 'web-2');
  const { stdout } = await host().plow(['show', 'web-2']);
  expect(stdout).toContain(`${NVRAM}/web-2_VARS.fd`);
  expect(stdout).not.toContain('Differences:');
  await host().virsh('destroy web-2');
  expect(await plow('destroy', '--yes', 'web', 'web-2')).not.toContain('left:');
  expect(await host().sh(`ls ${NVRAM}`)).toBe('');
});

it('a linked clone of a VM that runs starts, and keeps what it stands on from delete and destroy', async () => {
  await host().given(vm({}));
  await plow('snapshot', 'create', 'web', 'one');
  const clone = ['clone', 'web', 'web-2', '--ip', '10.77.0.51/24', '--keep-identity', '--start'] as const;
  await plow(...clone, '--snapshot', 'one', '--linked');
  expect(await host().virsh('domstate web-2')).toBe('running');
  expect(await host().virsh('domstate web')).toBe('running');
  await plow('snapshot', 'delete', 'web', 'one');
  await host().virsh('destroy web');
  expect(await plow('destroy', 'web')).toContain(`left: ${IMAGES}/web/boot.qcow2 (VM 'web-2' stands on it)`);
  await host().virsh('destroy web-2');
  await host().virsh('start web-2');
  expect(await host().sh(`stat -c '%U %a' ${IMAGES}/tiny.qcow2`)).toBe('root 644');
  await host().virsh('destroy web-2');
  await plow('destroy', 'web-2');
  expect(await host().sh(`ls ${IMAGES}/web`)).toBe('boot.qcow2');
  await host().sh(`rm -r ${IMAGES}/web`);
});
