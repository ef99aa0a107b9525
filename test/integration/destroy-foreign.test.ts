import { describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { destroyed, foreign, IMAGES, vm } from './vms.ts';

const host = useHost();

const DIRECTORY = `${IMAGES}/old`;

function define(...disks: readonly string[]): Promise<void> {
  return host().foreignVm('define', { name: 'old', devices: disks.join('') });
}

function disk(source: string, target = 'vda', type = 'file', format = 'raw'): string {
  return `<disk type='${type}' device='disk'><driver name='qemu' type='${format}'/>
    <source ${source}/><target dev='${target}' bus='virtio'/></disk>`;
}

async function destroyOld(): Promise<{ code: number; stdout: string; stderr: string }> {
  return host().plow(['destroy', 'old']);
}

/** A block device that no driver has: there it is, and nobody's data. */
const makeDevice = (path: string): string => `mknod ${path} b 240 9`;

const notIn = (path: string): string => `note: left: ${path} (not in the VM's directory ${DIRECTORY})\n`;
const gone = (
  stderr: string,
  stdout: Parameters<typeof destroyed>[1] = {},
): { code: number; stdout: string; stderr: string } => ({
  code: 0,
  stdout: destroyed('old', { was: 'off', ...stdout }),
  stderr: foreign('old') + stderr,
});

describe('plow destroy of a VM that plow did not make', () => {
  it('removes it with the disks in its directory, and the directory', async () => {
    await host().sh(`mkdir ${DIRECTORY}; truncate -s 1M ${DIRECTORY}/a.img ${DIRECTORY}/b.img`);
    await define(disk(`file='${DIRECTORY}/a.img'`), disk(`file='${DIRECTORY}/b.img'`, 'vdb'));
    await host().virsh('start old --paused');
    expect(await destroyOld()).toEqual(gone('', { was: 'running' }));
  });

  it.each([
    ['a file elsewhere', `file='${IMAGES}/shared.img'`, `${IMAGES}/shared.img`, 'file'],
    ['the base image itself', `file='${IMAGES}/tiny.raw'`, `${IMAGES}/tiny.raw`, 'file'],
    ['a way round', `file='${DIRECTORY}/../tiny.raw'`, `${DIRECTORY}/../tiny.raw`, 'file'],
    ['a deeper directory', `file='${DIRECTORY}/deep/a.img'`, `${DIRECTORY}/deep/a.img`, 'file'],
    ['a block device', `dev='/dev/disk9'`, '/dev/disk9', 'block'],
  ])('leaves and names a disk that is not its own: %s', async (_, source, path, type) => {
    await host()
      .sh(`truncate -s 1M ${IMAGES}/shared.img; mkdir -p ${DIRECTORY}/deep; ${makeDevice('/dev/disk9')}
      echo words > ${DIRECTORY}/deep/a.img`);
    await define(disk(source, 'vda', type));
    const result = await destroyOld();
    expect(await host().sh(`stat --format='%F %n' ${path}`)).toBe(
      `${type === 'block' ? 'block special file' : 'regular file'} ${path}`,
    );
    const other = `note: left: ${DIRECTORY}/deep (not made by plow, and not a disk of the VM)\n`;
    expect(result).toEqual(gone(notIn(path) + other, { storage: 'left' }));
    await host().sh(`cat ${DIRECTORY}/deep/a.img; rm -r ${DIRECTORY} ${IMAGES}/shared.img /dev/disk9`);
  });

  it('leaves and names a block device in its directory', async () => {
    await host().sh(`mkdir ${DIRECTORY}; ${makeDevice(`${DIRECTORY}/a`)}`);
    await define(disk(`dev='${DIRECTORY}/a'`, 'vda', 'block'));
    const result = await destroyOld();
    expect(await host().sh(`stat --format=%F ${DIRECTORY}/a`)).toBe('block special file');
    const directory = `note: left: ${DIRECTORY} (not empty)\n`;
    expect(result).toEqual(gone(notIn(`${DIRECTORY}/a`) + directory, { storage: 'left' }));
    await host().sh(`rm -r ${DIRECTORY}`);
  });

  it('leaves and names the file behind a link in its directory', async () => {
    await host().sh(`mkdir ${DIRECTORY}; ln -s ${IMAGES}/tiny.raw ${DIRECTORY}/a.img`);
    await define(disk(`file='${DIRECTORY}/a.img'`));
    expect(await destroyOld()).toEqual(
      gone(`note: left: ${IMAGES}/tiny.raw (${DIRECTORY}/a.img was a link to it)\n`),
    );
  });

  it('leaves an ISO elsewhere in its drive', async () => {
    await host().sh(`truncate -s 1M ${IMAGES}/install.iso`);
    await define(
      `<disk type='file' device='cdrom'><source file='${IMAGES}/install.iso'/><target dev='sda' bus='sata'/><readonly/></disk>`,
    );
    expect(await destroyOld()).toEqual(gone(notIn(`${IMAGES}/install.iso`), { storage: 'left' }));
    await host().sh(`rm ${IMAGES}/install.iso`);
  });

  it('leaves the overlay base that a disk of its own stands on', async () => {
    await host().sh(`mkdir ${DIRECTORY}
      qemu-img create -q -f qcow2 -b ${IMAGES}/tiny.qcow2 -F qcow2 ${DIRECTORY}/a.qcow2`);
    await define(disk(`file='${DIRECTORY}/a.qcow2'`, 'vda', 'file', 'qcow2'));
    expect(await destroyOld()).toEqual(gone(''));
  });

  it('names a disk whose source is a volume of a pool', async () => {
    await define(disk(`pool='default' volume='a'`, 'vda', 'volume'));
    expect(await destroyOld()).toEqual(
      gone('note: left: disk vda (its source is of type volume)\n', { storage: 'left' }),
    );
  });

  it('removes one that has no disk and no directory', async () => {
    await define();
    expect(await destroyOld()).toEqual(gone('', { storage: 'none' }));
  });

  it('removes one that exists only while it runs', async () => {
    await host().foreignVm('create --paused', { name: 'old' });
    expect(await host().virsh('list --all --transient --name')).toBe('old');
    expect(await destroyOld()).toEqual(gone('', { was: 'running', storage: 'none' }));
  });

  it("leaves the original's files when a VM is a copy of one that plow made", async () => {
    await host().given(vm());
    const copy = `virsh dumpxml web --inactive | sed '/<uuid>/d; s/<name>web/<name>old/; /mac address/d'`;
    await host().sh(`${copy} | virsh -q define /dev/stdin`);
    expect(await destroyOld()).toEqual(gone(notIn(`${IMAGES}/web/boot.qcow2`), { storage: 'left' }));
    expect(await host().virsh('domstate web')).toBe('running');
    await host().discard('web');
  });
});
