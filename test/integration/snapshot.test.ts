import { expect, it } from 'vitest';
import { resultDocument } from '../../src/documents/result-schema.ts';
import { snapshotDocument } from '../../src/documents/snapshots/snapshot-schema.ts';
import { useHost } from './support.ts';
import { destroyed, IMAGES, vm } from './vms.ts';

const LEAST = { memory_gib: undefined, memory_mib: 128 };

const host = useHost();

const DIRECTORY = `${IMAGES}/web`;
const NVRAM = '/var/lib/libvirt/qemu/nvram/web_VARS.fd';

async function plow(...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await host().plow(['snapshot', ...argv]);
  if (code !== 0) throw new Error(`plow snapshot ${argv.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}

async function snapshots(): Promise<readonly string[]> {
  const document = snapshotDocument.parse(JSON.parse(await plow('list', '-o', 'json', 'web')));
  return document.snapshots.map(
    ({ name, parent, current, obstacle }) =>
      `${name} after ${parent ?? '-'}${current ? ', current' : ''}${obstacle === null ? '' : `: ${obstacle}`}`,
  );
}

/** The first bytes of the disk that the VM, which is off, would start from. */
async function written(): Promise<string> {
  const [, path = ''] = /<source file='(?<path>[^']*vda[^']*|[^']*boot[^']*)'/u.exec(
    await host().virsh('dumpxml --inactive web'),
  ) ?? [''];
  return host().sh(`qemu-io -r -c 'read -v 0 4' ${path} | sed -n 's/^00000000: *//p'`);
}

async function write(byte: string): Promise<void> {
  const document = await host().virsh('dumpxml --inactive web');
  const path = /<disk[^]*?<source file='(?<path>[^']*)'/u.exec(document)?.groups?.['path'] ?? '';
  await host().sh(`qemu-io -c 'write -P ${byte} 0 512' ${path}`);
}

it('a VM goes back to snapshots that were taken while it was off and while it ran, UEFI variables too', async () => {
  const config = vm({ name: 'web', firmware: 'uefi', data_disks: [{ device: 'vdb', size_gb: 1 }] });
  await host().given(config);
  await host().virsh('destroy web');
  await write('0xa1');
  await host().sh(`printf before | dd conv=notrunc status=none of=${NVRAM}`);
  await plow('create', 'web', 'off');
  await host().virsh('start web');
  expect(await plow('create', 'web', 'on')).toContain("Snapshot 'on' of VM 'web' taken");
  await host().virsh('destroy web');
  await write('0xb2');
  await host().sh(`printf behind | dd conv=notrunc status=none of=${NVRAM}`);
  expect(await snapshots()).toEqual(['off after -', 'on after off, current']);
  expect(await host().sh(`stat -c %a ${DIRECTORY}/snap-*`)).toMatch(/^(?:600\s*)+$/u);

  await plow('revert', 'web', 'off');
  expect(await snapshots()).toEqual(['off after -, current', 'on after off']);
  expect(await host().sh(`head -c 6 ${NVRAM}`)).toBe('before');
  expect(await written()).toMatch(/^a1 a1 a1 a1/u);
  // The base image is nobody's but its owner's, also after a start from the new layers.
  await host().virsh('start web');
  expect(await host().sh(`stat -c '%U %a' ${IMAGES}/tiny.qcow2`)).toBe('root 644');
  const { code, stdout, stderr } = await host().plow(['show', 'web']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).not.toContain('Differences:');

  await plow('revert', 'web', 'on');
  expect(await host().virsh('domstate web')).toBe('running');
  await host().sh(`rm ${DIRECTORY}/snap-off.nvram`);
  expect(await snapshots()).toEqual([
    'off after -: the copy of its UEFI variables is missing',
    'on after off, current',
  ]);
  await plow('delete', 'web', 'on');
  await plow('delete', 'web', 'off');
  expect(await snapshots()).toEqual([]);
  // Layers on which the VM stands stay.
  await host().virsh('destroy web');
  await host().virsh('start web');
  await host().virsh('destroy web');
  await plow('create', 'web', 'last');
  const gone = await host().plow(['destroy', 'web']);
  expect(gone).toMatchObject({ code: 0, stderr: 'note: 1 snapshot went with it\n' });
  expect(gone.stdout).toBe(destroyed('web', { was: 'off' }));
});

it('what could not be gone back to is not taken, and a protected VM keeps what it has', async () => {
  await host().given(vm({ name: 'web' }));
  await host().virsh('destroy web');
  await host().virsh('snapshot-create-as web within');
  const refused = await host().plow(['snapshot', 'create', 'web', 'one']);
  expect(refused).toMatchObject({
    code: 4,
    stderr: expect.stringContaining("another kind, 'within'") as unknown,
  });
  expect(await snapshots()).toEqual([
    'within after -, current: not of disks alone: virsh snapshot-revert may',
  ]);
  await host().virsh('snapshot-delete web within');
  await plow('create', 'web', 'one');
  await host().plow(['protect', 'web']);
  expect(await host().plow(['snapshot', 'revert', 'web', 'one'])).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('is protected') as unknown,
  });
  await host().plow(['unprotect', 'web']);
  await host()
    .discard('web')
    .catch(() => undefined);
  await host().plow(['destroy', 'web']);
});

it('several VMs with UEFI, whose variables lie in one directory, go there and back at the same time', async () => {
  const names = ['web-1', 'web-2', 'web-3', 'web-4'];
  for (const [index, name] of names.entries()) {
    const nic = { ip: `10.77.0.${61 + index}/24`, gateway: '10.77.0.1', bridge: 'br0' };
    const config = vm({ name, firmware: 'uefi', ...LEAST, tags: ['web'], network_interfaces: [nic] });
    await host().given(config);
  }
  try {
    await plow('create', '--tag', 'web', 'one');
    const pools = await host().virsh('pool-list --all --name');
    expect(await host().plow(['snapshot', 'revert', 'web-*', 'one'])).toMatchObject({ code: 4 });
    const back = await plow('revert', '--yes', '-o', 'json', 'web-*', 'one');
    const told = back
      .trim()
      .split('\n')
      .map((line) => resultDocument.parse(JSON.parse(line)));
    expect(told.map(({ name, status }) => `${name} ${status}`).toSorted()).toEqual(
      names.map((name) => `${name} reverted`),
    );
    expect(await plow('list', '--all')).toMatch(/web-1 .*\n.*web-2 .*\n.*web-3 .*\n.*web-4 /u);
    await plow('delete', '--yes', 'web-*', 'one');
    expect(await plow('list', '--all')).toBe('');
    expect(await host().virsh('pool-list --all --name')).toBe(pools);
    expect(await host().virsh('list --state-running --name')).toContain('web-4');
  } finally {
    await host().plow(['destroy', '--yes', '--force', 'web-*']);
  }
});
