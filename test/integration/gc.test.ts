import { describe, expect, it } from 'vitest';
import { gcDocument } from '../../src/documents/gc/gc-schema.ts';
import type { GcDocument } from '../../src/documents/gc/gc-schema.ts';
import { differences } from '../lab/lab.ts';
import { useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();

/** What it says of each thing. */
async function collected(...argv: readonly string[]): Promise<readonly GcDocument[]> {
  const { code, stdout, stderr } = await host().plow(['gc', '-o', 'json', '--older-than', '0', ...argv]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return documentsIn(stdout);
}

function documentsIn(stdout: string): readonly GcDocument[] {
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : gcDocument.parse(JSON.parse(line))));
}

function statuses(all: readonly GcDocument[]): readonly string[] {
  return all.map(({ kind, what, status }) => `${status}: ${kind} ${what.replace(`${IMAGES}/`, '')}`);
}

describe('plow gc', () => {
  it("shows what VMs that are gone have left, removes what is proven to be plow's, and nothing else", async () => {
    const before = await host().census();
    await host().given(vm({ firmware: 'uefi', cloud_init: {}, data_disks: [{ device: 'vdb', size_gb: 1 }] }));
    await host().sh(`virsh -q destroy web; virsh -q undefine --keep-nvram web
      mkdir ${IMAGES}/foreign; echo mine > ${IMAGES}/foreign/boot.qcow2
      mkdir ${IMAGES}/isos; echo mine > ${IMAGES}/isos/debian.iso
      ln -s isos ${IMAGES}/link
      touch /var/lib/libvirt/qemu/nvram/theirs_VARS.fd
      echo "<pool type='dir'><name>plow-web-1234abcd</name><uuid>1234abcd-1234-4234-8234-123456789abc</uuid>
        <target><path>${IMAGES}/web</path></target></pool>" > /tmp/pool.xml
      virsh -q pool-define /tmp/pool.xml; rm /tmp/pool.xml`);
    await host().sh(`virsh -q pool-define-as theirs dir --target ${IMAGES}
      virsh -q pool-define-as isos dir --target ${IMAGES}/isos`);
    const found = await host().census();

    const seen = await collected();
    expect(statuses(seen)).toEqual([
      'found: pool plow-web-1234abcd',
      'stays: nvram /var/lib/libvirt/qemu/nvram/theirs_VARS.fd',
      'found: nvram /var/lib/libvirt/qemu/nvram/web_VARS.fd',
      'stays: directory foreign',
      'found: directory web',
    ]);
    expect(seen.find(({ what }) => what === `${IMAGES}/web`)?.bytes).toBeGreaterThan(300_000);
    expect(differences(found, await host().census())).toEqual([]);

    const unsure = await host().plow(['gc', '--delete', '--older-than', '0']);
    expect(unsure).toMatchObject({ code: 4 });
    expect(unsure.stderr).toContain('error: nothing was removed: 3 things would go\n');
    expect(differences(found, await host().census())).toEqual([]);

    expect(statuses(await collected('--delete', '--yes'))).toEqual([
      'stays: nvram /var/lib/libvirt/qemu/nvram/theirs_VARS.fd',
      'stays: directory foreign',
      'removed: pool plow-web-1234abcd',
      'removed: nvram /var/lib/libvirt/qemu/nvram/web_VARS.fd',
      'removed: directory web',
    ]);
    await host().sh(`virsh -q pool-undefine theirs; virsh -q pool-undefine isos
      rm -r ${IMAGES}/foreign ${IMAGES}/isos ${IMAGES}/link
      rm /var/lib/libvirt/qemu/nvram/theirs_VARS.fd`);
    expect(differences(before, await host().census())).toEqual([]);
  });

  it('knows a create that was killed from one that is under way', async () => {
    const config = await host().write(vm({ data_disks: [{ device: 'vdb', size_gb: 1 }] }));
    await host().killCreate(config, `${IMAGES}/web/data-vdb.qcow2`);
    const [seen] = await collected('--older-than', '24h');
    expect(seen).toMatchObject({ kind: 'incomplete VM', what: 'web', status: 'stays' });
    expect(seen?.stays).toMatch(/^it was begun \d+.* ago: plow destroy web removes it$/u);
    const after = await collected('--delete', '--yes');
    expect(statuses(after).filter((line) => !line.includes(': pool'))).toEqual([
      'removed: incomplete VM web',
    ]);
    await collected('--delete', '--yes');
  });

  it('leaves alone what another VM stands on', async () => {
    await host().given(vm({ cloud_init: {} }));
    await host().sh(`virsh -q destroy web; virsh dumpxml web > /tmp/web.xml; virsh -q undefine web
      sed -i 's/<name>web</<name>other</' /tmp/web.xml; virsh -q define /tmp/web.xml; rm /tmp/web.xml`);
    const found = await host().census();
    const [stays] = await collected('--delete', '--yes');
    expect(stays).toMatchObject({ kind: 'directory', status: 'stays' });
    expect(stays?.stays).toMatch(/VM 'other' stands on it/u);
    expect(differences(found, await host().census())).toEqual([]);
    await host().virsh('undefine other');
    await host().sh(`echo mine > ${IMAGES}/web/notes.txt`);
    const part = await host().plow('gc -o json --older-than 0 --delete --yes'.split(' '));
    expect(part).toMatchObject({ code: 5 });
    expect(part.stderr).toContain(`${IMAGES}/web was removed only in part`);
    expect(documentsIn(part.stdout)).toMatchObject([
      { status: 'removed', left: [{ what: `${IMAGES}/web/notes.txt` }] },
    ]);
    expect(await host().sh(`ls -A ${IMAGES}/web; rm -r ${IMAGES}/web`)).toBe('notes.txt');
  });
});
