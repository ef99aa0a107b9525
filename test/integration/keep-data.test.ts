import { expect, it } from 'vitest';
import { useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();

const DISKS = { data_disks: [{ device: 'vdb', size_gb: 1 }] };
const DATA = `${IMAGES}/web/data-vdb.qcow2`;
const KEPT = 'data, kept: plow create --adopt-data takes it back';
const KEEP = ['destroy', '--keep-data', '--force', 'web'];

/** Of a VM that is off. */
const write = `qemu-io -c 'write -P 0xd7 0 512' ${DATA}`;
const begins = `qemu-io -r -c 'read -v 0 4' ${DATA} | sed -n 's/^00000000: *//p'`;

function adopt(changes: object): Promise<{ code: number; stdout: string; stderr: string }> {
  return host()
    .write(vm(changes))
    .then((file) => host().plow(['create', '--adopt-data', file]));
}

it('data disks outlive a VM, and are disks of the next one of that name', async () => {
  const nothing = await host().census();
  await host().given(vm({ ...DISKS, cloud_init: {} }));
  await host().virsh('destroy web');
  await host().sh(write);
  const plan = await host().plow([...KEEP.filter((word) => word !== '--force'), '--plan']);
  expect(plan).toMatchObject({ code: 0 });
  expect(plan.stdout).toContain(`stays: ${DATA} (${KEPT})`);
  const gone = await host().plow(KEEP);
  expect(gone).toMatchObject({ code: 0, stderr: `note: left: ${DATA} (${KEPT})\n` });
  expect(await host().sh(`ls ${IMAGES}/web; virsh list --all --name; virsh pool-list --all --name`)).toBe(
    'data-vdb.qcow2',
  );

  const gc = await host().plow(['gc', '--delete', '--yes', '--older-than', '0']);
  expect(gc.stdout).toContain(`plow create --adopt-data takes them back for a VM 'web'`);
  const plain = await host().create(vm(DISKS));
  expect(plain.stderr).toContain('take it back with --adopt-data');
  const dry = await host().plow(['create', '--dry-run', '--adopt-data', `${host().files}/vm.yaml`]);
  expect(dry.stdout).toContain(`${DATA}: 1 GiB, qcow2, as it is there`);

  const more = { data_disks: [...DISKS.data_disks, { device: 'vdc', size_gb: 1 }] };
  expect((await adopt(more)).stderr).toMatch(/data_disks\[1\]: .*data-vdc\.qcow2 is not there/u);
  const again = await adopt({ data_disks: [{ device: 'vdb', size_gb: 2 }] });
  expect(again).toMatchObject({
    code: 0,
    stderr: `note: ${DATA} is a disk of the VM again, with what it holds\nnote: ${DATA} is grown to 2 GiB, and stays so\n`,
  });
  expect(await host().sh('virsh domblkinfo web vdb | grep Capacity')).toContain(`${2 ** 31}`);
  expect(await host().virsh('dumpxml web')).not.toContain('adopted');
  await host().virsh('destroy web');
  expect(await host().sh(begins)).toMatch(/^d7 d7 d7 d7/u);
  // They are its own again.
  expect((await host().plow(['destroy', 'web'])).code).toBe(0);
  expect(await host().census()).toEqual(nothing);
});

it('what cannot be kept, or taken back, is refused, and nothing is lost', async () => {
  await host().given(vm(DISKS));
  expect((await host().plow(['snapshot', 'create', 'web', 'one'])).code).toBe(0);
  const before = await host().sh(`ls ${IMAGES}/web; virsh domstate web`);
  const layered = await host().plow(KEEP);
  expect(layered.code).toBe(4);
  expect(layered.stderr).toMatch(/snap-.*-vdb\.qcow2 stands on .*data-vdb\.qcow2, which would not be kept/u);
  expect(await host().sh(`ls ${IMAGES}/web; virsh domstate web`)).toBe(before);
  expect((await host().plow(['destroy', '--force', 'web'])).code).toBe(0);

  // All of it is in a layer now, and the first file is a stale one.
  await host().given(vm(DISKS));
  expect((await host().plow(['snapshot', 'create', 'web', 'one'])).code).toBe(0);
  await host().virsh('blockpull --wait web vdb');
  const pulled = await host().plow(KEEP);
  expect(pulled.stderr).toMatch(
    /disk vdb is .*snap-.*-vdb\.qcow2, and create --adopt-data takes data-vdb\.qcow2 alone/u,
  );
  expect((await host().plow(['destroy', '--force', 'web'])).code).toBe(0);

  await host().foreignVm('define', { name: 'web' });
  expect((await host().plow(KEEP)).stderr).toContain('which of its disks hold data is not known');
  await host().virsh('undefine web');

  await host().given(vm(DISKS));
  expect((await host().plow(KEEP)).code).toBe(0);
  const kept = await host().sh(`md5sum ${DATA}`);
  const grown = `qemu-img resize -q ${DATA} 3G`;
  await host().sh(grown);
  expect((await adopt(DISKS)).stderr).toMatch(/has 3 GiB, and a disk never shrinks: give size_gb: 3/u);
  await host().sh(`qemu-img resize -q --shrink ${DATA} 1G`);
  await host().sh(`mv ${DATA} ${DATA}.kept; qemu-img create -q -f qcow2 -F qcow2 -b ${DATA}.kept ${DATA}`);
  expect((await adopt(DISKS)).stderr).toMatch(
    /data_disks\[0\]: .* stands on .*kept, and a data disk stands alone/u,
  );
  await host().sh(
    `rm ${DATA}; qemu-img create -q -f qcow2 -o data_file=${host().files}/outside.raw ${DATA} 64k`,
  );
  expect((await adopt(DISKS)).stderr).toMatch(
    /data_disks\[0\]: .*data-vdb\.qcow2 .*data are in another file/u,
  );
  await host().sh(`rm ${host().files}/outside.raw`);
  await host().sh(`mv ${DATA}.kept ${DATA}`);
  await host().sh(
    `printf '<disk type="file" device="disk"><source file="${DATA}"/><target dev="vdb"/></disk>' > ${host().files}/d.xml`,
  );
  await host().foreignVm('define', { name: 'other' });
  await host().virsh(`attach-device other ${host().files}/d.xml --config`);
  expect((await adopt(DISKS)).stderr).toContain(`data_disks[0]: ${DATA} is in use by VM 'other'`);
  await host().virsh('undefine other');
  await host().sh(
    `ln ${DATA} ${IMAGES}/linked.qcow2; sed -i 's|${DATA}|${IMAGES}/linked.qcow2|' ${host().files}/d.xml`,
  );
  await host().foreignVm('define', { name: 'other' });
  await host().virsh(`attach-device other ${host().files}/d.xml --config`);
  expect((await adopt(DISKS)).stderr).toContain(`cannot take ${DATA} as a disk: VM 'other' stands on it`);
  await host().virsh('undefine other');
  await host().sh(`rm ${IMAGES}/linked.qcow2`);
  expect((await adopt({})).stderr).toContain('has no data_disks');
  expect(kept).toContain('data-vdb.qcow2');
  await host().sh(`rm -r ${IMAGES}/web`);
});
