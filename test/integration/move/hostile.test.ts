import { describe, expect, it } from 'vitest';
import { plowWith, remove } from '../../faults/faulty.ts';
import type { Fault, Traced } from '../../faults/faulty.ts';
import { differences } from '../../lab/lab.ts';
import { IMAGES, vm } from '../vms.ts';
import { useTwoHosts } from './two-hosts.ts';

const hosts = useTwoHosts();
const OTHER = `${IMAGES}/other.qcow2`;

/** A VM that is off, on h1, and stands on a base image that h2 has not. */
async function given(): Promise<void> {
  const { h1 } = hosts();
  await h1.sh(`cp ${IMAGES}/tiny.qcow2 ${OTHER}`);
  await h1.given(vm({ boot_disk: { image: OTHER, size_gb: 1 } }));
  await h1.virsh('destroy web');
}

function move(...faults: readonly Fault[]): Promise<Traced> {
  const { outside, config } = hosts();
  return plowWith(outside, ['--config', config, 'move', 'web', '--to', 'h2'], ...faults);
}

let usual: readonly string[] = [];

/** The number of a call of such a move: the n-th of that name. */
async function callOf(name: string, nth: number): Promise<number> {
  if (usual.length === 0) {
    await given();
    usual = (await move()).calls;
    await remove(hosts().h2, 'web');
    await hosts().h2.sh(`rm ${OTHER}`);
  }
  const found = [...usual.entries()].filter(([, call]) => call === name)[nth]?.[0];
  if (found === undefined) throw new Error(`there is no such call: ${usual.join(' ')}`);
  return found;
}

/** A command that somebody runs on a host. */
function on(host: 'h1' | 'h2', command: string): string {
  const { lab } = hosts()[host];
  return `LAB_NAME=${lab.name} test/lab/lab.sh exec ${host} sh -c ${JSON.stringify(command)}`;
}

async function cleared(): Promise<void> {
  const { h1, h2 } = hosts();
  await Promise.all([remove(h1, 'web'), remove(h2, 'web')]);
  await Promise.all([h1, h2].map((host) => host.sh(`rm -f ${OTHER}`)));
}

describe('a VM that is moved', () => {
  it('stays where it is when somebody starts it there just before the switch', async () => {
    const before = await hosts().h2.census();
    const at = await callOf('virDomainDefineXMLFlags', 2);
    await given();
    const { code, stderr } = await move({ at, action: 'run', command: on('h1', 'virsh start web') });
    expect({ code, stderr }).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('was started') as unknown,
    });
    expect(await hosts().whereIs('web')).toBe('h1 running, h2 shut off');
    expect(await hosts().h2.exec(['virsh', 'start', 'web'])).toMatchObject({ code: 1 });
    expect(await hosts().plow('move', '--abort', 'web')).toMatchObject({ code: 0 });
    expect(await hosts().whereIs('web')).toBe('h1 running');
    expect(differences(before, await hosts().h2.census())).toEqual([]);
    await cleared();
  });

  it('leaves a base image alone that somebody puts there meanwhile', async () => {
    const at = await callOf('virStorageVolCreateXML', 0);
    await given();
    const { code, stderr } = await move({
      at,
      action: 'run',
      command: on('h2', `printf precious > ${OTHER}`),
    });
    expect(code).not.toBe(0);
    expect(stderr).toContain('other.qcow2');
    expect(await hosts().h2.sh(`cat ${OTHER}`)).toBe('precious');
    const again = await hosts().plow('move', 'web', '--to', 'h2');
    expect(again).toMatchObject({ code: 4 });
    expect(again.stderr).toContain(`its base image ${OTHER} is another one there`);
    expect(await hosts().plow('move', '--abort', 'web')).toMatchObject({ code: 0 });
    expect(await hosts().h2.sh(`cat ${OTHER}`)).toBe('precious');
    await cleared();
  });

  it('leaves a directory alone that somebody makes there meanwhile', async () => {
    const at = await callOf('virDomainDefineXMLFlags', 0);
    await given();
    const command = on('h2', `mkdir ${IMAGES}/web; printf precious > ${IMAGES}/web/boot.qcow2`);
    const { code, stderr } = await move({ at, action: 'run', command });
    expect({ code, stderr }).toMatchObject({
      code: 5,
      stderr: expect.stringContaining(`somebody else has made ${IMAGES}/web on h2 meanwhile`) as unknown,
    });
    expect(await hosts().plow('move', '--abort', 'web')).toMatchObject({ code: 0 });
    expect(await hosts().whereIs('web')).toBe('h1 shut off');
    expect(await hosts().h2.sh(`cat ${IMAGES}/web/boot.qcow2; rm -r ${IMAGES}/web`)).toBe('precious');
    await cleared();
  });

  it('is not opened there with a disk that stands on a file of that hypervisor', async () => {
    const at = await callOf('virDomainDefineXMLFlags', 0);
    await given();
    const disk = `${IMAGES}/web/boot.qcow2`;
    const command = on('h1', `qemu-img rebase -q -u -F raw -b /etc/hostname ${disk}`);
    const { code, stderr } = await move({ at, action: 'run', command });
    expect({ code, stderr }).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('something below it that it did not have: /etc/hostname') as unknown,
    });
    expect(await hosts().h2.exec(['virsh', 'start', 'web'])).toMatchObject({ code: 1 });
    expect(await hosts().plow('move', '--abort', 'web')).toMatchObject({ code: 0 });
    await cleared();
  });

  it('may have nothing there that a VM has not, and no place that VMs there have not', async () => {
    const { h1, h2 } = hosts();
    await given();
    await h1.sh(`virsh dumpxml --inactive web | sed "
      s|^<domain |<domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0' |
      s|</domain>|<seclabel type='static' model='dac' relabel='yes'><label>+0:+0</label></seclabel><qemu:commandline><qemu:arg value='-name'/><qemu:arg value='x'/></qemu:commandline></domain>|
      " > ${h1.files}/own.xml; virsh -q define ${h1.files}/own.xml`);
    const before = await h2.census();
    const { code, stderr } = await hosts().plow('--storage-path', '/srv/vms', 'move', 'web', '--to', 'h2');
    expect(code).toBe(4);
    expect(stderr).toContain('it has arguments of its own for QEMU');
    expect(stderr).toContain('it has a security label of its own');
    expect(stderr).toContain(`its directory is in ${IMAGES}, and VMs of h2 are in /srv/vms`);
    expect(differences(before, await h2.census())).toEqual([]);
    await cleared();
  });
});
