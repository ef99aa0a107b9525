import { describe, expect, it } from 'vitest';
import { destroyPlanDocument } from '../../src/documents/destroy-plan-schema.ts';
import { resultDocument } from '../../src/documents/result-schema.ts';
import { useHost } from './support.ts';
import { differences } from '../lab/lab.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();

const LEAST = { boot_disk: { empty: true, size_gb: 1 } };
const nic = (ip: string): object => ({
  network_interfaces: [{ ip, gateway: '10.77.0.1', bridge: 'br0' }],
});

describe('destroy of chosen VMs', () => {
  it('needs a yes, and leaves what is protected, made by plow or not', async () => {
    await host().given(vm({ name: 'web-1', ...LEAST, ...nic('10.77.0.61/24'), tags: ['blue'] }));
    await host().given(vm({ name: 'web-2', ...LEAST, ...nic('10.77.0.62/24'), tags: ['blue'] }));
    await host().foreignVm('define', { name: 'web-3' });
    const plain = await host().virsh('dumpxml web-3');

    const unsure = await host().plow(['destroy', 'web-*']);
    expect(unsure).toMatchObject({ code: 4, stdout: '' });
    expect(unsure.stderr).toContain('these 3 VMs are meant, but not named: web-1, web-2, web-3\n');
    expect(unsure.stderr).toContain('--yes');

    await host().sh(`touch ${IMAGES}/web-1/notes.txt`);
    const before = await host().census();
    const plan = await host().plow(['destroy', '--plan', '-o', 'json', 'web-1']);
    expect(plan.code).toBe(0);
    const { goes, stays } = destroyPlanDocument.parse(JSON.parse(plan.stdout));
    expect(goes.map(({ kind, what, why }) => `${kind} ${what}: ${why}`)).toEqual([
      `file ${IMAGES}/web-1/boot.qcow2: plow made it`,
      `file ${IMAGES}/web-1/console.log: what its console wrote`,
      'domain web-1: the VM itself',
    ]);
    expect(stays.map(({ what }) => what)).toEqual([`${IMAGES}/web-1/notes.txt`]);
    expect(differences(before, await host().census())).toEqual([]);
    await host().sh(`rm ${IMAGES}/web-1/notes.txt`);

    const guarded = await host().plow(['protect', 'web-1', 'web-3']);
    expect(guarded).toMatchObject({ code: 0, stderr: '' });
    const listed = await host().plow(['list', '--all', '--columns', 'name,protected', '-o', 'csv']);
    expect(listed.stdout).toBe('name,protected\nweb-1,yes\nweb-2,no\nweb-3,yes\n');
    expect((await host().plow(['show', 'web-1'])).stdout).toMatch(
      /Protected:? +yes, plow unprotect lifts it/u,
    );

    await host().sh(`virsh dumpxml web-2 > ${IMAGES}/web-2/kvm.xml`);
    const gone = await host().plow(['destroy', '--yes', '--force', '-o', 'json', 'web-*']);
    expect(gone.code).toBe(4);
    const results = gone.stdout
      .trimEnd()
      .split('\n')
      .map((line) => resultDocument.parse(JSON.parse(line)))
      .toSorted((one, other) => (String(one.name) < String(other.name) ? -1 : 1));
    expect(results.map(({ name, status, error }) => [name, status, error?.hint ?? null])).toEqual([
      ['web-1', 'failed', 'plow unprotect web-1 lifts it'],
      ['web-2', 'destroyed', null],
      ['web-3', 'failed', 'plow unprotect web-3 lifts it'],
    ]);
    expect(await host().sh(`ls ${IMAGES}`)).not.toContain('web-2');
    expect(await host().virsh('domstate web-1')).toBe('running');

    expect((await host().plow(['unprotect', '--all'])).code).toBe(0);
    // libvirt keeps the empty element that the mark was in.
    expect((await host().virsh('dumpxml web-3')).replace(/ *<metadata\/>\n/u, '')).toBe(plain);
    expect((await host().plow(['destroy', '--yes', '--force', '--tag', 'blue'])).code).toBe(0);
    expect(await host().virsh('list --all --name')).toBe('web-3');
    expect((await host().plow(['destroy', 'web-3'])).code).toBe(0);
  });
});
