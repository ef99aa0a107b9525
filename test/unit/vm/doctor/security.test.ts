import { describe, expect, it } from 'vitest';
import { checkSecurity } from '../../../../src/vm/doctor/security.ts';
import type { LocalFacts } from '../../../../src/hypervisor/local.ts';
import { host, look, machine } from './look.ts';

const model = (name: string): string => `<secmodel><model>${name}</model><doi>0</doi></secmodel>`;

async function found(secmodels: string, path: string, local?: LocalFacts): Promise<readonly string[]> {
  return look(
    checkSecurity,
    host((hypervisor) => Object.assign(hypervisor, { secmodels, local }), path),
  );
}

it('a QEMU that nothing confines is well', async () => {
  const well = ['ok: neither SELinux nor AppArmor confines QEMU'];
  expect(await found('', '/images')).toStrictEqual(well);
  expect(await found(model('none') + model('dac'), '/images')).toStrictEqual(well);
});

describe('AppArmor', () => {
  it.each(['/var/lib/libvirt/images', '/srv/vms', '/home/me/vms', '/vms', '/usr/local/vms', '/binary', '/'])(
    'lets VMs have disks below %s',
    async (path) => {
      expect(await found(model('apparmor') + model('dac'), path)).toStrictEqual([
        `ok: AppArmor: libvirt lets each VM have its own files below ${path}`,
      ]);
    },
  );

  it.each(['/bin', '/etc/vms', '/lib', '/libvirt-vms', '/usr/share/vms', '/boot', '/my "vms"'])(
    'lets no VM have disks below %s',
    async (path) => {
      expect(await found(model('apparmor'), path)).toStrictEqual([
        `failure: AppArmor: libvirt (virt-aa-helper) gives no VM a disk below ${path} → give another with --storage-path`,
      ]);
    },
  );

  it.each(['/root/.vms', '/home/me/.local/share/vms', '/home/me/bin'])(
    'may have a say below %s',
    async (path) => {
      expect(await found(model('apparmor'), path)).toStrictEqual([
        `unknown: not checked: AppArmor may deny ${path}: see /etc/apparmor.d/usr.lib.libvirt.virt-aa-helper`,
      ]);
    },
  );
});

function selinux(label: string | undefined, enforce = '1'): LocalFacts {
  return machine(
    { '/sys/fs/selinux/enforce': enforce },
    label === undefined ? {} : { 'stat -L -c %C -- /srv/my.vms': `system_u:object_r:${label}:s0` },
  );
}

describe('SELinux', () => {
  it.each<[string, LocalFacts | undefined, string]>([
    ['of the right label', selinux('virt_image_t'), 'ok: SELinux: /srv/my.vms is labelled virt_image_t'],
    [
      'of another label',
      selinux('default_t'),
      String.raw`warning: SELinux may keep QEMU from /srv/my.vms: it is labelled default_t, not virt_image_t → semanage fcontext -a -t virt_image_t '/srv/my\.vms(/.*)?' && restorecon -R /srv/my.vms`,
    ],
    [
      'on NFS',
      selinux('nfs_t'),
      'warning: SELinux may keep QEMU from /srv/my.vms, which is on NFS → setsebool -P virt_use_nfs on',
    ],
    ['that denies nothing', selinux('default_t', '0\n'), 'ok: SELinux is permissive: it denies nothing'],
    [
      'without a label',
      selinux(undefined),
      'unknown: not checked: SELinux is in force, and /srv/my.vms has no label that can be read',
    ],
    [
      'on another machine',
      undefined,
      'unknown: not checked: libvirt does not tell; run plow doctor on the hypervisor itself',
    ],
  ])('%s', async (_, local, words) => {
    expect(await found(model('selinux') + model('dac'), '/srv/my.vms', local)).toStrictEqual([words]);
  });

  it('says ? of a file system without labels', async () => {
    const local = machine({}, { 'stat -L -c %C -- /vms': '?' });
    expect(await found(model('selinux'), '/vms', local)).toStrictEqual([
      'unknown: not checked: SELinux is in force, and /vms has no label that can be read',
    ]);
  });
});
