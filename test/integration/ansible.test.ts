import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { SEEDS } from '../fixtures/ansible/seeds.ts';
import { useHost } from './support.ts';
import { IMAGES } from './vms.ts';

const host = useHost();
const FIXTURES = new URL('../fixtures/ansible/', import.meta.url);

/** What such VMs have, and plow has no words for. */
const REST = [
  '# Not in this file, as plow has no words for it:',
  '# - os bios',
  '# - features pae',
  '# - clock timer (rtc catchup)',
  '# - clock timer (pit delay)',
  '# - clock timer (hpet)',
];

/** As the role made it, but for what the lab cannot: KVM, and gigabytes. */
async function given(name: string, edit = (xml: string): string => xml): Promise<void> {
  const directory = `${IMAGES}/${name}`;
  const text = await readFile(new URL(`${name}.xml`, FIXTURES), 'utf8');
  const xml = edit(text)
    .replace("type='kvm'", "type='qemu'")
    .replace('host-passthrough', 'host-model')
    .replaceAll(/(?<=emory unit='KiB'>)\d+/gu, '262144');
  const disks = [...xml.matchAll(/disk_(?<target>vd[a-z])\.qcow2/gu)].map(({ groups }) => groups?.['target']);
  const backing = name === 'metal3-1' ? '' : `-b ${IMAGES}/tiny.qcow2 -F qcow2`;
  await host().sh(`mkdir -p ${directory}; cd ${directory}
    qemu-img create -q -f qcow2 ${backing} disk_vda.qcow2 2G
    for disk in ${disks.slice(1).join(' ')}; do qemu-img create -q -f qcow2 disk_$disk.qcow2 1G; done
    [ -e ${IMAGES}/install.iso ] || genisoimage -quiet -o ${IMAGES}/install.iso -V INSTALL /etc/hostname 2> /dev/null
    echo '{"ignition":{"version":"3.4.0"}}' > ${IMAGES}/okd-1.ign`);
  const seed = SEEDS[name];
  if (seed !== undefined) {
    const folder = join(host().files, `seed-${name}`);
    await host().sh(`mkdir -p ${folder}`);
    for (const [file, words] of Object.entries(seed)) await writeFile(join(folder, file), words);
    await host().sh(`cd ${folder}
      genisoimage -quiet -output ${directory}/${name}-cloudinit.iso -volid cidata -joliet -rock user-data meta-data network-config`);
  }
  await writeFile(join(host().files, 'kvm.xml'), xml);
  await host().sh(
    `cp ${join(host().files, 'kvm.xml')} ${directory}/kvm.xml; virsh -q define ${directory}/kvm.xml`,
  );
}

/** What matters of a domain as it is stored, a line each; in which order it boots its one disk does not. */
async function essence(name: string): Promise<readonly string[]> {
  const xml = await host().virsh(`dumpxml --inactive ${name}`);
  const lines = xml
    .replace(/<metadata>[\s\S]*<\/metadata>/u, '')
    .replaceAll(/<controller[\s\S]*?(?:\/>|<\/controller>)|<channel[\s\S]*?<\/channel>/gu, '')
    .split('\n')
    .map((line) => line.trim());
  const told =
    /^<(?:name|memory|vcpu|cpu |on_crash|type |mac |source bridge|target dev='(?:vd|sd)|model type|graphics|listen|input type='tablet'|acpi|apic|backend|readonly)/u;
  return lines.filter((line) => told.test(line)).toSorted();
}

afterEach(async () => {
  await host().sweep();
});

describe('a VM of the Ansible role', () => {
  it.each(['master-1', 'br250-vm101', 'okd-1', 'master-1.capi-1.example.org', 'metal3-1'])(
    'is exported, but for timers, pae and useserial: %s',
    async (name) => {
      await given(name);
      const { stdout } = await host().plow(['export', name]);
      const lines = stdout.trimEnd().split('\n');
      expect(lines.slice(lines.indexOf(REST[0] ?? ''))).toEqual(REST);
      expect(stdout).toContain(`\nname: ${name}\n`);
    },
  );

  it('is made again of its file, and is the same where it matters', async () => {
    await given('master-1');
    const original = await essence('master-1');
    const file = join(host().files, 'again.yaml');
    const { stdout } = await host().plow(['export', '--show-secrets', 'master-1']);
    await writeFile(file, stdout);
    expect(await host().plow(['validate', file])).toMatchObject({ code: 0 });
    await host().sh(`virsh -q undefine master-1 --nvram; rm -r ${IMAGES}/master-1`);
    const made = await host().plow(['create', file]);
    expect({ code: made.code, stderr: made.stderr }).toMatchObject({ code: 0 });
    expect(await essence('master-1')).toEqual(original);
    expect((await host().plow(['destroy', '--yes', '--force', 'master-1'])).code).toBe(0);
  });

  it("in a network of libvirt's is exported with the bridge behind it", async () => {
    const network = "<network><name>lan</name><forward mode='bridge'/><bridge name='br0'/></network>";
    await host().sh('cat | virsh -q net-define /dev/stdin', network);
    await given('master-1', (xml) =>
      xml
        .replace("<interface type='bridge'>", "<interface type='network'>")
        .replace(/<source bridge='[^']*'\/>/u, "<source network='lan'/>"),
    );
    const { stdout } = await host().plow(['export', 'master-1']);
    expect(stdout).toContain('bridge: br0\n');
    expect(stdout).toContain(
      "that of libvirt's network lan, which is left out: plow plugs it in there itself",
    );
    expect(stdout).not.toContain('of type network');
    await host().virsh('net-undefine lan');
  });

  it('with a whole domain name is adopted, listed and destroyed', async () => {
    const name = 'master-1.capi-1.example.org';
    await given(name);
    const adopted = await host().plow(['export', '--adopt', name]);
    expect(adopted).toMatchObject({ code: 0, stderr: `VM '${name}' is managed by plow from now on\n` });
    expect((await host().plow(['list', '--all'])).stdout).toMatch(
      /^master-1\.capi-1\.example\.org +shut off +8 /mu,
    );
    expect((await host().plow(['destroy', '--yes', name])).code).toBe(0);
    expect(await host().sh(`ls ${IMAGES}`)).not.toContain(name);
  });
});
