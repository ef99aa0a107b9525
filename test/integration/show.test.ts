import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { mistakesOf } from './judge.ts';
import { run } from '../run.ts';
import { PLOW, useHost, VERSIONS } from './support.ts';
import { IMAGES, SLOW, vm } from './vms.ts';

const host = useHost();
const MAC = 'be:ef:0a:4d:00:32';

/** Of its document what is looked at here by itself. */
interface Shown {
  readonly since: string | null;
  readonly started: string | null;
  readonly disks: readonly { readonly allocated_bytes: number | null }[];
  readonly differences: readonly unknown[];
}

async function shown(name: string): Promise<Shown> {
  const { code, stdout, stderr } = await host().plow(['show', name, '-o', 'json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(await mistakesOf(stdout, 'show')).toBe('[]');
  return (JSON.parse(stdout) as { readonly vm: Shown }).vm;
}

describe('plow show', () => {
  it('tells all of a VM that runs, for people and for programs', async () => {
    await host().given(vm({ cloud_init: {}, tags: ['prod'], firmware: 'uefi' }));
    const uuid = await host().virsh('domuuid web');
    const tap = (await host().virsh('domiflist web')).trim().split(/\s+/u)[0];
    const started = await host().sh(
      'date -u +%s -d "$(ps -o lstart= -p "$(cat /run/libvirt/qemu/web.pid)")"',
    );
    const details = await shown('web');
    expect(details).toMatchObject({
      name: 'web',
      uuid,
      state: 'running',
      reason: 'booted',
      autostart: true,
      persistent: true,
      managed_save: false,
      snapshots: 0,
      cpu_mode: 'host-model',
      machine_type: expect.stringMatching(/^pc-q35-/u) as unknown,
      firmware: { type: 'uefi', nvram: '/var/lib/libvirt/qemu/nvram/web_VARS.fd' },
      consoles: [{ type: 'serial', at: expect.stringMatching(/^\/dev\/pts\/\d+$/u) as unknown }],
      disks: [
        {
          target: 'vda',
          source: `${IMAGES}/web/boot.qcow2`,
          virtual_bytes: 2 ** 30,
          exists: true,
          backing: [`${IMAGES}/tiny.qcow2`],
        },
        { target: 'sda', device: 'cdrom', read_only: true },
      ],
      interfaces: [
        {
          bridge: 'br0',
          mac: MAC,
          tap,
          link: 'up',
          addresses: { declared: [{ address: '10.77.0.50', prefix_length: 24 }] },
          traffic: { sent: { errors: 0 } },
        },
      ],
      seed: { path: `${IMAGES}/web/cloudinit.iso`, exists: true },
      made_by_plow: true,
      directory: `${IMAGES}/web`,
      tags: ['prod'],
      declared: { vcpus: 1, machine_type: 'q35', boot_disk: { image: `${IMAGES}/tiny.qcow2` } },
      differences: [],
    });
    const allocated = Number(await host().sh(`stat -c %b ${IMAGES}/web/boot.qcow2`)) * 512;
    expect(Math.abs((details.disks[0]?.allocated_bytes ?? 0) - allocated)).toBeLessThan(2 ** 17);
    expect(details.since).toBe(details.started);
    expect(Math.abs(Date.parse(details.started ?? '') / 1000 - Number(started))).toBeLessThanOrEqual(2);
    const { stdout } = await host().plow(['show', 'web']);
    expect(stdout).toMatch(
      /^Name: +web\nState: +running \(booted\)\nSince: +just now \(.*Z\)\n.*^ {2}vda:\n {4}Source: /msu,
    );
    expect(stdout).not.toContain('Differences');
    const yaml = await host().plow(['show', 'web', '-o', 'yaml']);
    expect(parse(yaml.stdout)).toMatchObject({ version: 1, uri: 'qemu:///system', vm: { uuid } });
    await host().discard('web');
  });

  it('tells what virsh has changed, and what of it takes a restart', async () => {
    await host().given(vm());
    for (const change of [
      'setvcpus web 2 --config --maximum',
      'setvcpus web 2 --config',
      `attach-disk web ${IMAGES}/tiny.raw vdb --config --targetbus virtio`,
      'attach-interface web bridge br1 --mac 52:54:00:00:00:09 --model virtio --live',
      `domif-setlink web ${MAC} down`,
      'autostart --disable web',
    ])
      await host().virsh(change);
    const { differences } = await shown('web');
    const both = { needs_restart: true, changed_since_made: true };
    const pending = { needs_restart: true, changed_since_made: false };
    expect(differences).toEqual([
      { what: 'vcpus', declared: 1, stored: 2, live: 1, ...both },
      {
        what: 'autostart',
        declared: true,
        stored: false,
        live: null,
        needs_restart: false,
        changed_since_made: true,
      },
      { what: 'disk vdb', declared: null, stored: `${IMAGES}/tiny.raw`, live: null, ...both },
      { what: `interface ${MAC}`, declared: 'br0', stored: 'br0', live: 'br0 (link down)', ...pending },
      { what: 'interface 52:54:00:00:00:09', declared: null, stored: null, live: 'br1', ...pending },
    ]);
    const { stdout } = await host().plow(['show', 'web']);
    expect(stdout).toMatch(/^Restart: +pending: /mu);
    expect(stdout).toContain('  vcpus: 1 now, 2 from the next start on; made with 1\n');
    const before = Date.now() - 1000;
    await host().virsh('destroy web');
    const off = await host().plow(['show', 'web']);
    expect(off.stdout).toMatch(/^State: +shut off \(destroyed\)\nSince: +just now \(20.*Z\)$/mu);
    const since = Date.parse((await shown('web')).since ?? '');
    expect(since).toBeGreaterThan(before);
    expect(since).toBeLessThanOrEqual(Date.now());
    expect(off.stdout).not.toContain('Restart:');
    expect(off.stdout).toContain('  vcpus: 2; made with 1\n');
    await host().virsh(`detach-disk web vdb --config`);
    expect(await host().plow(['destroy', 'web'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('tells what of its disks and interfaces is not as plow made it', async () => {
    const data = { device: 'vdb', size_gb: 1 };
    const plugged = { ip: '10.77.0.50/24', gateway: '10.77.0.1', bridge: 'br0', mtu: 1400 };
    await host().given(vm({ data_disks: [data], network_interfaces: [plugged] }));
    expect((await shown('web')).differences).toEqual([]);
    await host().virsh('blockresize web vdb 2G');
    await host().virsh('setmem web 768M --config');
    await host().sh(`virsh dumpxml --inactive web |
      sed -e "s/mtu size='1400'/mtu size='1300'/" -e "s/cache='none'/cache='writeback'/" > ${IMAGES}/web.xml
      virsh define ${IMAGES}/web.xml; rm ${IMAGES}/web.xml`);
    const { stdout } = await host().plow(['show', 'web']);
    expect(stdout.slice(stdout.indexOf('\nDifferences:'))).toBe(`
Differences:
  current memory: 1 GiB now, 768 MiB from the next start on; made with 1 GiB
  disk vda cache: none now, writeback from the next start on; made with none
  disk vdb cache: none now, writeback from the next start on; made with none
  disk vdb size: 2 GiB; made with 1 GiB
  interface ${MAC} MTU: 1400 now, 1300 from the next start on; made with 1400
`);
    await shown('web');
    await host().virsh('destroy web');
    await host().sh(`mv ${IMAGES}/tiny.qcow2 ${IMAGES}/tiny.away`);
    const { disks } = await shown('web');
    expect(disks[0]).toMatchObject({ exists: true, missing_backing: [`${IMAGES}/tiny.qcow2`] });
    expect((await host().plow(['show', 'web'])).stdout).toContain(
      `Backing:    ${IMAGES}/tiny.qcow2 (missing)\n`,
    );
    // From elsewhere nobody sees the files but libvirtd.
    const elsewhere = [...PLOW, '-c', host().lab.uri('h1'), 'show', 'web'];
    await host().sh(`rm ${IMAGES}/web/data-vdb.qcow2`);
    expect(await run('/bin/sh', ['-c', '"$@"', 'sh', ...elsewhere])).toMatch(
      new RegExp(
        `Problem: .*tiny.qcow2, which vda stands on, is missing\nProblem: .*data-vdb.qcow2 .vdb. is missing\n`,
        'u',
      ),
    );
    await host().sh(`mv ${IMAGES}/tiny.away ${IMAGES}/tiny.qcow2`);
    expect(await host().plow(['destroy', 'web'])).toMatchObject({ code: 0 });
  });

  it('tells of an incomplete VM what it is and how to remove it', async () => {
    const config = await host().write(vm(SLOW));
    await host().killCreate(config, `${IMAGES}/web/boot.qcow2`);
    const { code, stdout } = await host().plow(['show', 'web']);
    expect({ code, lines: stdout.split('\n').slice(1, 3) }).toEqual({
      code: 0,
      lines: [
        'State:       incomplete, shut off',
        'Incomplete:  a create is under way, or died; plow destroy web removes it',
      ],
    });
    expect(stdout).toContain(`${IMAGES}/web/data-vdy.qcow2 (missing)`);
    expect(await shown('web')).toMatchObject({ state: 'incomplete', differences: [] });
    expect(await host().plow(['destroy', 'web'])).toMatchObject({ code: 0 });
  });

  it('tells of VMs that plow did not make, whatever their names, and prints their documents as virsh does', async () => {
    const name = 'x\u009b31m\u202ey';
    // libvirt gives the base image of others to QEMU's user.
    await host().sh(`cd ${IMAGES}; cp tiny.qcow2 base.qcow2
      qemu-img create -q -f qcow2 -F qcow2 -b ${IMAGES}/base.qcow2 other.qcow2`);
    const devices = `<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
      <source file='${IMAGES}/other.qcow2'/><target dev='vda' bus='virtio'/></disk>
      <disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>
      <interface type='bridge'><mac address='52:54:00:12:34:56'/><source bridge='br1'/></interface>
      <interface type='bridge'><mac address='be:ef:0a:4d:00:63'/><source bridge='br0'/></interface>
      <interface type='user'/><console type='pty'><target type='virtio'/></console><graphics type='vnc' port='-1' autoport='yes'/>`;
    await host().foreignVm('create --paused', { name, devices });
    const details = await shown(name);
    expect(details).toMatchObject({
      name,
      state: 'paused',
      reason: 'user',
      since: null,
      started: expect.any(String) as unknown,
      persistent: false,
      made_by_plow: false,
      declared: null,
      seed: null,
      disks: [{ backing: [`${IMAGES}/base.qcow2`] }, { target: 'sda', source: null, virtual_bytes: null }],
      interfaces: [
        { bridge: 'br1', traffic: {}, addresses: { declared: [] } },
        { bridge: 'br0', addresses: { declared: [{ address: '10.77.0.99', prefix_length: null }] } },
        { type: 'user', traffic: null },
      ],
      consoles: [
        { type: 'console', at: expect.stringMatching(/^\/dev\/pts\/\d+$/u) as unknown },
        { type: 'vnc', at: '127.0.0.1:5900' },
      ],
      differences: [],
    });
    const text = (await host().plow(['show', name])).stdout;
    expect(text).toContain('Made by:     not by plow');
    expect(text).toMatch(/^Name: +x\ufffd31m\ufffdy$/mu);
    const xml = await host().plow(['show', name, '--xml']);
    const safe = (await host().virsh(`dumpxml '${name}'`))
      .replaceAll('\u009b', '&#x9b;')
      .replaceAll('\u202e', '&#x202e;');
    expect(xml.stdout).toBe(`${safe}\n`);
    const terminal = await host().plowInShell(
      `script -qec "$(printf '%q ' "$@") show '${name}' --xml" /dev/null < /dev/null`,
    );
    expect(terminal.stdout).toContain('<name>x&#x9b;31m&#x202e;y</name>');
    const first = await host().plowInShell(`"$@" show '${name}' --xml | head -1; echo "\${PIPESTATUS[0]}"`);
    expect(first).toMatchObject({
      stdout: expect.stringMatching(/^<domain type='qemu' id='\d+'>\n0\n$/u) as unknown,
      stderr: '',
    });
    await host().virsh(`destroy '${name}'`);
    await host().sh(`rm ${IMAGES}/other.qcow2 ${IMAGES}/base.qcow2`);
  });

  it('waits for no QEMU that is frozen, and tells the rest', async () => {
    await host().given(vm({ cloud_init: {} }));
    await host().sh(`kill -STOP "$(cat /run/libvirt/qemu/web.pid)"
      timeout 60 virsh qemu-monitor-command web --hmp info > /dev/null 2>&1 &`);
    const started = performance.now();
    const details = await shown('web');
    const took = performance.now() - started;
    expect(details).toMatchObject({
      state: 'running',
      qemu_answers: false,
      disks: [{ virtual_bytes: 2 ** 30, allocated_bytes: expect.any(Number) as unknown }, { target: 'sda' }],
      interfaces: [{ mac: MAC, traffic: {} }],
    });
    // A question that is not given up takes libvirtd 30 seconds; with 11.3 the documents are such a question.
    expect(took).toBeLessThan(VERSIONS.libvirt.startsWith('11.') ? 45_000 : 15_000);
    await host().sh('kill -CONT "$(cat /run/libvirt/qemu/web.pid)"');
    await host().discard('web');
  });

  it.each([
    ['wep', "hint: did you mean 'web'?"],
    ['nothing-like-it', 'hint: plow list --all shows the VMs there are'],
  ])('says that there is no %s', async (name, hint) => {
    await host().foreignVm('define', { name: 'web' });
    expect(await host().plow(['show', name])).toEqual({
      code: 4,
      stdout: '',
      stderr: `error: VM '${name}' does not exist\n${hint}\n`,
    });
    await host().virsh('undefine web');
  });
});
