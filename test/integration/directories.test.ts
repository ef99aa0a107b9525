import { afterEach, describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { created, destroyed, IMAGES, vm } from './vms.ts';

const host = useHost();

const DIRECTORY = `${IMAGES}/web`;
const STARTED = "Creating VM 'web'...\n";
const CHECKED = `${STARTED}✓ Configuration validated\n`;
const GONE = { code: 0, stdout: destroyed('web', { was: 'off' }), stderr: '' };

async function poolState(): Promise<readonly string[]> {
  return (await host().virsh('pool-list --all')).split(/ +/u);
}

describe('a pool of somebody else on the directory of the VM', () => {
  const FOREIGN = `note: left: ${DIRECTORY} (the pool 'others' on it is not plow's)\n`;

  afterEach(async () => {
    await host().exec(['sh', '-c', 'virsh -q pool-destroy others; virsh -q pool-undefine others']);
    await host().sh(`rm -rf ${DIRECTORY}`);
  });

  it('is stopped again after create and after destroy, when it was stopped before', async () => {
    await host().sh(`install -d -m 0710 -g 64055 ${DIRECTORY}`);
    await host().virsh(`pool-define-as others dir --target ${DIRECTORY}`);
    expect(await host().create(vm())).toEqual({ code: 0, stdout: created('web'), stderr: '' });
    expect(await poolState()).toEqual(['others', 'inactive', 'no']);
    await host().virsh('destroy web');
    expect(await host().plow(['destroy', 'web'])).toEqual({ ...GONE, stderr: FOREIGN });
    expect(await poolState()).toEqual(['others', 'inactive', 'no']);
    expect(await host().sh(`ls -A ${DIRECTORY}`)).toBe('');
  });

  it('is stopped again when create takes everything back', async () => {
    await host().sh(`install -d -m 0710 -g 64055 ${DIRECTORY}; echo mine > ${DIRECTORY}/boot.qcow2`);
    await host().virsh(`pool-define-as others dir --target ${DIRECTORY}`);
    expect(await host().create(vm())).toMatchObject({ code: 5, stdout: STARTED });
    expect(await poolState()).toEqual(['others', 'inactive', 'no']);
    expect(await host().sh(`cat ${DIRECTORY}/*`)).toBe('mine');
  });

  it.each([
    ['stopped', 'uri'],
    ['active', 'pool-start others'],
  ])('does not keep destroy from its work when the directory is gone: %s', async (_, prepare) => {
    await host().given(vm());
    await host().virsh('destroy web');
    await host().virsh(`pool-define-as others dir --target ${DIRECTORY}`);
    await host().virsh(prepare);
    await host().sh(`rm -r ${DIRECTORY}`);
    expect(await host().plow(['destroy', 'web'])).toEqual({
      code: 0,
      stdout: destroyed('web', { was: 'off', storage: 'none' }),
      stderr: `note: ${DIRECTORY} with boot.qcow2 was not there\n`,
    });
    expect(await poolState()).toEqual(['others', 'inactive', 'no']);
  });

  it.each([
    ['boot.qcow2', 'qcow2'],
    ['boot.raw', 'raw'],
  ])('does not hide a file that came after it was started: %s', async (name, format) => {
    await host().sh(`install -d -m 0710 -g 64055 ${DIRECTORY}`);
    await host().virsh(`pool-create-as others dir --target ${DIRECTORY}`);
    await host().sh(`echo mine > ${DIRECTORY}/${name}`);
    const before = await host().census();
    const bootDisk = { image: `${IMAGES}/tiny.qcow2`, size_gb: 1, format };
    const { code, stdout, stderr } = await host().create(vm({ boot_disk: bootDisk }));
    expect({ code, stdout }).toEqual({ code: 5, stdout: STARTED });
    expect(stderr).toMatch(/^error: boot\.\w+ already exists in the VM's directory/u);
    expect(await host().sh(`cat ${DIRECTORY}/${name}`)).toBe('mine');
    expect(await host().census()).toEqual(before);
  });
});

describe('what is in place of the directory', () => {
  it('is refused by create when it is a file, which stays as it was', async () => {
    await host().sh(`echo mine > ${DIRECTORY}; chmod 640 ${DIRECTORY}`);
    const before = await host().census();
    expect(await host().create(vm())).toEqual({
      code: 5,
      stdout: CHECKED,
      stderr: `error: ${DIRECTORY} exists and is not a directory\ndetail: cannot open directory '${DIRECTORY}': Not a directory\n`,
    });
    expect(await host().census()).toEqual(before);
    expect(await host().sh(`stat -c %a ${DIRECTORY}; cat ${DIRECTORY}`)).toBe('640\nmine');
    await host().sh(`rm ${DIRECTORY}`);
  });

  it('is refused by create before anything is made when QEMU may not pass through it', async () => {
    await host().sh(`mkdir -m 700 ${DIRECTORY}`);
    const { code, stderr } = await host().create(vm());
    expect({ code, stderr }).toEqual({
      code: 5,
      stderr: `error: QEMU's user (uid 64055) may not pass through ${DIRECTORY} (it has mode 0700, owner 0, group 0): chgrp 64055 ${DIRECTORY} && chmod 0710 ${DIRECTORY}\n`,
    });
    await host().sh(`rmdir ${DIRECTORY}`);
  });

  it('is left and named by destroy when it is a link, made after create', async () => {
    await host().given(vm({ cloud_init: {} }));
    await host().sh(`cd ${IMAGES}; virsh -q destroy web; mv web real; ln -s real web`);
    expect(await host().plow(['destroy', 'web'])).toEqual({
      code: 0,
      stdout: destroyed('web', { was: 'off', storage: 'left' }),
      stderr: `note: left: ${DIRECTORY} (a link, not a directory of its own: nothing behind it was touched)\n`,
    });
    expect(await host().sh(`cd ${IMAGES}; readlink web; ls -A real`)).toBe(
      'real\nboot.qcow2\ncloudinit.iso\nconsole.log',
    );
    await host().sh(`cd ${IMAGES}; rm -r web real`);
  });
});
