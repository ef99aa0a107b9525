import { describe, expect, it } from 'vitest';
import { differences } from '../lab/lab.ts';
import { useHost } from './support.ts';
import { IMAGES } from './vms.ts';

const host = useHost();
const NVRAM = '/var/lib/libvirt/qemu/nvram/old_VARS.fd';
const DEEP = `${IMAGES}/old/deep`;
const THINGS = `mkdir -p ${DEEP} /var/lib/libvirt/qemu/nvram /etc/libvirt/storage
  for file in ${DEEP}/a.img ${NVRAM} /etc/libvirt/storage/old.xml; do echo some words > $file; done`;
const GONE = `rm -rf ${IMAGES}/old /var/lib/libvirt/swtpm/old ${NVRAM} /etc/libvirt/storage/old.xml /run/libvirt/storage/old.xml`;

describe('the census of a host', () => {
  it.each([
    ['a byte of an image in a directory', `echo same words > ${DEEP}/a.img`, `${DEEP}/a.img`],
    ['a byte of NVRAM', `echo same words > ${NVRAM}`, NVRAM],
    [
      'a byte of a definition',
      'echo same words > /etc/libvirt/storage/old.xml',
      '/etc/libvirt/storage/old.xml',
    ],
    ['the owner of NVRAM', `chown 12345 ${NVRAM}`, NVRAM],
    ['the mode of an image in a directory', `chmod 604 ${DEEP}/a.img`, `${DEEP}/a.img`],
    ['the mode of a directory', `chmod 704 ${DEEP}`, DEEP],
  ])('sees %s that changed', async (_, change, path) => {
    await host().sh(THINGS);
    const before = await host().census();
    await host().sh(change);
    const found = differences(before, await host().census());
    expect(found.map((line) => line.replace(/: .* (?=\/)/u, ' '))).toEqual([`left ${path}`, `lost ${path}`]);
    await host().sh(GONE);
  });

  it.each([
    ['a TPM', 'mkdir -p /var/lib/libvirt/swtpm/old', 'files: d 755 root:root /var/lib/libvirt/swtpm/old'],
    [
      'a running pool',
      'touch /run/libvirt/storage/old.xml',
      'files: f 644 root:root /run/libvirt/storage/old.xml',
    ],
    ['an empty directory', `mkdir -p ${DEEP}`, `images: d 755 root:root ${DEEP}`],
  ])('sees %s that is left', async (_, make, line) => {
    const before = await host().census();
    await host().sh(make);
    expect(differences(before, await host().census())).toContain(`left: ${line}`);
    await host().sh(GONE);
  });
});
