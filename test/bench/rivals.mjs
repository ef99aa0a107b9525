// The same VM, as plow's rivals would make it.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DIRECTORY = '/var/lib/libvirt/images/bench';
const IMAGE = '/var/lib/libvirt/images/tiny.qcow2';
const USER_DATA = '#cloud-config\nhostname: bench\n';
/** As large as the seed that plow writes. */
const SEED_BYTES = 60 * 1024;

export const vmYaml = (name) => `
name: ${name}
vcpus: 1
memory_gib: 1
boot_disk: { size_gb: 4, image: ${IMAGE} }
network_interfaces: [{ ip: 10.77.0.50/24, gateway: 10.77.0.1, bridge: br0 }]
cloud_init: { fqdn: ${name}.example.com }
`;

/** plow's own sequence of calls, without its checks, as one virsh command line. */
export function rawCommands(work, domainXml) {
  const file = (name, text) => {
    writeFileSync(join(work, name), text);
    return join(work, name);
  };
  const domain = file('domain.xml', domainXml);
  const pool = file(
    'pool.xml',
    `<pool type='dir'><name>bench</name><target><path>${DIRECTORY}</path>
      <permissions><mode>0711</mode></permissions></target></pool>`,
  );
  const boot = file(
    'boot.xml',
    `<volume><name>boot.qcow2</name><capacity unit='GiB'>4</capacity><target><format type='qcow2'/></target>
      <backingStore><path>${IMAGE}</path><format type='qcow2'/></backingStore></volume>`,
  );
  const seed = file(
    'seed.xml',
    `<volume><name>cloudinit.iso</name><capacity>${SEED_BYTES}</capacity><target><format type='raw'/></target></volume>`,
  );
  const iso = file('seed.iso', Buffer.alloc(SEED_BYTES));
  return [
    `define ${domain}`,
    `pool-create ${pool} --build`,
    `vol-create bench ${boot}`,
    `vol-create bench ${seed}`,
    `vol-upload cloudinit.iso ${iso} bench`,
    'autostart bench',
    'start bench',
    'pool-destroy bench',
  ].join('; ');
}

/** @param osinfo virt-install demands the name of an OS; `require=off` is the way out, and faster */
export function virtInstall(work, osinfo) {
  const userData = join(work, 'user-data');
  writeFileSync(userData, USER_DATA);
  return `mkdir -p ${DIRECTORY} &&
    virt-install --connect qemu:///system --name bench --virt-type qemu --memory 1024 --vcpus 1 --import \
      --disk path=${DIRECTORY}/boot.qcow2,size=4,backing_store=${IMAGE},bus=virtio,cache=none \
      --network bridge=br0,model=virtio --cloud-init user-data=${userData},disable=on --boot uefi --machine q35 \
      --osinfo ${osinfo} --graphics none --noautoconsole --quiet`;
}

/**
 * Stopped domains as a hypervisor with many VMs has them, plow's metadata included.
 * @param first number in their names
 */
export function defineDomains(work, first, count) {
  const one = execFileSync('virsh', ['dumpxml', '--inactive', 'bench'], { encoding: 'utf8' });
  const [, uuid] = /<uuid>(.*)<\/uuid>/u.exec(one);
  const files = Array.from({ length: count }, (_, index) => {
    const file = join(work, `domain-${first + index}.xml`);
    const xml = one
      .replaceAll(uuid, randomUUID())
      .replace('<name>bench</name>', `<name>vm-${first + index}</name>`)
      .replace(/<nvram.*<\/nvram>/u, '');
    writeFileSync(file, xml);
    return `define ${file}`;
  });
  execFileSync('virsh', [files.join('; ')]);
}
