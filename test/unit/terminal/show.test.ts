import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { showDocument as shape } from '../../../src/documents/show-schema.ts';
import { documentText } from '../../../src/documents/serialize.ts';
import { differenceLine } from '../../../src/views/show/difference.ts';
import { bytesText } from '../../../src/text/quantities.ts';
import { showDocument } from '../../../src/views/show/document.ts';
import { showLines } from '../../../src/views/show/text.ts';
import type { Difference, VmDetails } from '../../../src/vm/show/details.ts';
import { FakeHypervisor } from '../vm/fake-hypervisor.ts';
import { ownDocument, running, shown, UUID } from '../vm/shown.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const STARTED = { started: '2026-11-24T09:00:00Z', since: '2026-11-24T09:00:00Z' };

async function text(changes: Partial<VmDetails> = {}): Promise<string> {
  return showLines({ ...(await shown()), ...STARTED, ...changes }, NOW).join('\n');
}

describe('what plow show prints', () => {
  it('of a VM that plow made and that runs', async () => {
    expect(await text()).toBe(`Name:         my-vm
State:        running (booted)
Since:        3 hours ago (2026-11-24T09:00:00Z)
UUID:         0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f
Description:  the web server
Tags:         web, prod
Autostart:    yes
Persistent:   yes
Snapshots:    1
Made by:      plow 0.1.0
Created:      3 days ago (2026-11-21T09:00:00.000Z)
Directory:    /images/my-vm
Seed:         /images/my-vm/cloudinit.iso
Machine:
  VCPUs:        4
  Memory:       8 GiB, 4 GiB of it now
  CPU time:     1h 2m
  CPU mode:     host-model
  Type:         kvm, x86_64, q35
  Firmware:     uefi
  Guest agent:  connected
  Console:      serial /dev/pts/3
  Console log:  /images/my-vm/console.log
Disks:
  vda:
    Source:     /images/my-vm/boot.qcow2
    Kind:       disk, virtio, qcow2
    Size:       50 GiB
    Allocated:  1.5 GiB
    Backing:    /images/base.qcow2
  vdb:
    Source:     /images/my-vm/data-vdb.qcow2
    Kind:       disk, virtio, qcow2
    Size:       100 GiB
    Allocated:  192 KiB
  vdc:
    Source:  /images/my-vm/data-vdc.qcow2
    Kind:    disk, virtio, qcow2
    Size:    unknown
  sda:
    Source:  /images/my-vm/cloudinit.iso
    Kind:    cdrom, scsi, raw, read-only
    Size:    unknown
Interfaces:
  be:ef:0a:14:1e:28:
    Bridge:    br0
    Model:     virtio
    Tap:       vnet3
    Link:      up
    Declared:  10.20.30.40/24
    Seen:      10.20.30.40/24 (agent)
    Received:  1.4 MiB, 1200 packets
    Sent:      2 KiB, 20 packets, 3 dropped
  be:ef:c0:a8:01:32:
    Bridge:    br1
    Model:     virtio
    Tap:       vnet4
    Link:      up
    Declared:  192.168.1.50/24
    Seen:      nothing
    Received:  1.4 MiB, 1200 packets
    Sent:      2 KiB, 20 packets, 3 dropped
  Others:  172.17.0.1/24 (agent)
Declared:
  VCPUs:         4
  Memory:        8 GiB
  Boot disk:     50 GiB, qcow2, an overlay on /images/base.qcow2
  Disk vdb:      100 GiB
  Disk vdc:      200 GiB
  Interface:     10.20.30.40/24, bridge br0, gateway 10.20.30.1 (default route), DNS 8.8.8.8 1.1.1.1, MAC be:ef:0a:14:1e:28
  Interface:     192.168.1.50/24, bridge br1, gateway 192.168.1.1, DNS 192.168.1.1, MAC be:ef:c0:a8:01:32
  Cloud-init:    host my-vm.example.com, password logins on, seed on scsi, host keys that plow ssh does not know
  CPU mode:      host-model
  Machine type:  q35
  Firmware:      uefi
  Virt type:     what the hypervisor could do
  Autostart:     yes`);
  });

  it('of a VM of somebody else that is off', async () => {
    const hypervisor = new FakeHypervisor();
    hypervisor.status = { reason: 'destroyed', persistent: true, snapshots: undefined };
    hypervisor.addDomain(
      'my-vm',
      `<domain type='qemu'><name>my-vm</name><uuid>${UUID}</uuid><title>Old one</title>
        <memory>1048576</memory><vcpu current='1'>4</vcpu><os><type machine='pc-q35-7.2'>hvm</type></os>
        <devices>
          <disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>
          <interface type='network'><mac address='52:54:00:11:22:33'/><source network='lan' bridge='br7'/><mtu size='9000'/></interface>
          <interface type='direct'><source dev='eno1' mode='bridge'/></interface>
          <interface type='bridge'><mac address='be:ef:0a:14:1e:63'/><source bridge='br0'/></interface>
          <serial type='tcp'><source mode='bind' host='127.0.0.1' service='5555'/></serial>
          <serial type='pty'><target port='1'/></serial>
          <console type='tcp'><source mode='bind' host='127.0.0.1' service='5555'/><target type='serial'/></console>
          <console type='pty'><source path='/dev/pts/7'/><target type='virtio'/></console>
          <graphics type='vnc' port='-1'/>
        </devices></domain>`,
      'shut off',
    );
    expect(showLines(await shown(hypervisor), NOW).join('\n')).toBe(`Name:        my-vm
State:       shut off (destroyed)
Since:       unknown: libvirt does not keep it
UUID:        0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f
Title:       Old one
Autostart:   no
Persistent:  yes
Snapshots:   unknown
Made by:     not by plow
Machine:
  VCPUs:        1, 4 at most
  Memory:       1 GiB
  CPU mode:     the default
  Type:         qemu, pc-q35-7.2
  Firmware:     bios
  Guest agent:  no channel for it
  Console:      serial 127.0.0.1:5555
  Console:      serial (not open)
  Console:      console /dev/pts/7
  Console:      vnc (not open)
  Medium:       none in sda
Disks:
  sda:
    Source:  none
    Kind:    cdrom, sata, read-only
Interfaces:
  52:54:00:11:22:33:
    Network:  lan (bridge br7)
    MTU:      9000
    Link:     up
  no MAC address:
    Device:  eno1
    Link:    up
  be:ef:0a:14:1e:63:
    Bridge:    br0
    Link:      up
    Declared:  10.20.30.99`);
  });

  it.each([
    [{ state: 'paused', reason: 'user', since: undefined }, 'State:        paused (user)'],
    [{ since: undefined }, 'Since:        unknown; QEMU was started 3 hours ago (2026-11-24T09:00:00Z)'],
    [{ since: undefined, started: undefined }, 'Since:        unknown: only the hypervisor itself can tell'],
    [
      { since: undefined, started: undefined, isHere: true },
      'Since:        unknown: its QEMU cannot be looked at from here',
    ],
    [{ reason: undefined }, 'State:        running'],
    [{ incomplete: true }, 'State:        incomplete, running (booted)'],
    [{ incomplete: true }, 'Incomplete:   a create is under way, or died; plow destroy my-vm removes it'],
    [{ persistent: false }, 'Persistent:   no, it is gone once it stops'],
    [{ managedSave: true }, 'Saved memory:  yes, it goes on from there at the next start'],
    [{ isLate: true }, '    Size:    unknown: no answer in time'],
    [{ isLate: true }, 'QEMU:         gives no answer: it hangs, or is busy'],
  ] as const)('%j is told', async (changes, line) => {
    expect((await text(changes)).split('\n')).toContain(line);
  });

  it('has a colour for the state alone', async () => {
    const details = await shown();
    const painted = showLines(details, NOW, (part, colour) => `<${colour}>${part}</>`);
    expect(painted.filter((line) => line.includes('<'))).toStrictEqual([
      'State:        <green>running (booted)</>',
    ]);
  });
});

const DIFFERENCE: Difference = {
  what: 'vcpus',
  declared: undefined,
  stored: 2,
  live: 1,
  needsRestart: true,
  changed: false,
};

describe('a difference', () => {
  it.each([
    [{}, 'vcpus: 1 now, 2 from the next start on'],
    [{ declared: 1, changed: true }, 'vcpus: 1 now, 2 from the next start on; made with 1'],
    [{ declared: 1, changed: true, needsRestart: false, live: 2 }, 'vcpus: 2; made with 1'],
    [
      { what: 'memory_kib', stored: 2 ** 20, live: 2 ** 21 },
      'memory: 2 GiB now, 1 GiB from the next start on',
    ],
    [
      { what: 'disk vdc size_bytes', declared: 2 ** 30, stored: 2 ** 31, needsRestart: false, changed: true },
      'disk vdc size: 2 GiB; made with 1 GiB',
    ],
    [
      { what: 'interface 52:54:00:00:00:01 mtu_bytes', stored: null, live: 1400 },
      'interface 52:54:00:00:00:01 MTU: 1400 now, none from the next start on',
    ],
    [{ what: 'maximum_vcpus', stored: 8, live: 4 }, 'most vcpus: 4 now, 8 from the next start on'],
    [
      { what: 'disk vdc', declared: null, stored: '/x', live: null, changed: true },
      'disk vdc: none now, /x from the next start on; made without',
    ],
    [
      {
        what: 'autostart',
        declared: true,
        stored: false,
        live: undefined,
        needsRestart: false,
        changed: true,
      },
      'autostart: no; made with yes',
    ],
  ])('%j reads %j', (changes, line) => {
    expect(differenceLine({ ...DIFFERENCE, ...changes })).toBe(line);
  });

  it('makes the summary say that a restart is pending', async () => {
    const lines = (await text({ differences: [DIFFERENCE] })).split('\n');
    expect(lines).toContain(
      'Restart:      pending: stop and start it (a reboot inside the guest is not enough)',
    );
    expect(lines.slice(-2)).toStrictEqual(['Differences:', '  vcpus: 1 now, 2 from the next start on']);
    expect(await text({ differences: [{ ...DIFFERENCE, needsRestart: false }] })).not.toContain('Restart:');
  });
});

describe('the document of plow show', () => {
  it('has the shape that is published, in JSON and YAML', async () => {
    const document = showDocument('qemu:///system', {
      ...(await shown()),
      ...STARTED,
      differences: [DIFFERENCE],
    });
    const whole = { version: 1, ...document };
    expect(shape.parse(JSON.parse(documentText(document, 'json')))).toStrictEqual(whole);
    expect(parse(documentText(document, 'yaml'))).toStrictEqual(whole);
    expect(document).toMatchObject({
      vm: {
        name: 'my-vm',
        state: 'running',
        reason: 'booted',
        since: '2026-11-24T09:00:00Z',
        disks: [
          { virtual_bytes: 50 * 2 ** 30, allocated_bytes: 1.5 * 2 ** 30, backing: ['/images/base.qcow2'] },
          {},
          {},
          {},
        ],
        interfaces: [{ tap: 'vnet3', traffic: { sent: { bytes: 2048, drops: 3 } } }, {}],
        seed: { path: '/images/my-vm/cloudinit.iso', exists: null },
        declared: { vcpus: 4, memory_kib: 2 ** 23, cloud_init: { ssh_pwauth: true } },
        differences: [{ what: 'vcpus', declared: null, stored: 2, live: 1, needs_restart: true }],
      },
    });
  });

  it('says incomplete for a state, and null for what is not known', async () => {
    const hypervisor = new FakeHypervisor();
    hypervisor.addDomain('my-vm', ownDocument('creating'), 'shut off');
    hypervisor.status = { managedSave: undefined, snapshots: undefined };
    const document = showDocument('qemu:///system', await shown(hypervisor));
    expect(shape.parse({ version: 1, ...document })).toMatchObject({
      vm: {
        state: 'incomplete',
        reason: null,
        since: null,
        current_memory_kib: null,
        cpu_seconds: null,
        managed_save: null,
        snapshots: null,
        guest_agent: 'unknown',
        disks: [{ virtual_bytes: null, exists: null }, {}, {}, {}],
      },
    });
  });
});

/** Clears a screen, turns text, rings, begins a line. */
const HOSTILE = 'x\u001b[2J\u202e\u0007\ny';
const ACTIVE = /(?!\n)[\p{Cc}\p{Cf}]/u;

describe('foreign strings', () => {
  it('move no cursor and begin no line, and documents keep them', async () => {
    const details = await shown();
    const hostile: VmDetails = {
      ...details,
      name: HOSTILE,
      facts: {
        ...details.facts,
        title: HOSTILE,
        description: HOSTILE,
        machineType: HOSTILE,
        consoles: [{ type: HOSTILE, at: HOSTILE, log: HOSTILE }],
      },
      disks: details.disks.map((disk) => ({ ...disk, target: HOSTILE, source: HOSTILE, backing: [HOSTILE] })),
      interfaces: details.interfaces.map((one) => ({ ...one, mac: HOSTILE, source: HOSTILE, tap: HOSTILE })),
      own: details.own && { ...details.own, version: HOSTILE, created: HOSTILE, directory: HOSTILE },
      differences: [{ ...DIFFERENCE, what: HOSTILE, stored: HOSTILE }],
    };
    const lines = showLines(hostile, NOW);
    expect(lines.filter((line) => ACTIVE.test(line) || line.includes('\n'))).toStrictEqual([]);
    expect(lines.length).toBeGreaterThan(50);
    const json = documentText(showDocument('qemu:///system', hostile), 'json');
    expect(json).not.toMatch(ACTIVE);
    expect(JSON.parse(json)).toMatchObject({
      vm: { name: HOSTILE, title: HOSTILE, disks: [{ source: HOSTILE }, {}, {}, {}] },
    });
  });

  it('in metadata that anyone may have written make no document of another shape', async () => {
    const hypervisor = running();
    const odd = {
      name: 'my-vm',
      vcpus: 'many',
      memoryMib: { a: 1 },
      bootDisk: { format: 'raw', cache: HOSTILE, image: 7 },
      dataDisks: [{ device: 'vdb', discard: HOSTILE, sizeGib: null }],
      interfaces: [{ address: HOSTILE, dnsServers: 'none', mac: ['x'] }],
      cloudInit: 'yes',
      tags: [HOSTILE, 4],
    };
    const json = JSON.stringify(odd);
    const document = ownDocument().replace(/(?<=created="[^"]*"[^>]*>)[^<]*(?=<\/plow:vm>)/u, () =>
      json.replaceAll('"', '&quot;'),
    );
    hypervisor.addDomain('my-vm', document, 'running');
    const details = await shown(hypervisor);
    expect(details.own?.declared).toMatchObject({
      vcpus: undefined,
      memoryKib: undefined,
      provisioning: undefined,
    });
    expect(
      shape.parse(JSON.parse(documentText(showDocument('qemu:///system', details), 'json'))),
    ).toMatchObject({
      vm: { made_by_plow: true },
    });
    expect(showLines(details, NOW).filter((line) => ACTIVE.test(line))).toStrictEqual([]);
  });
});

it.each([
  [0, '0 bytes'],
  [1023, '1023 bytes'],
  [1024, '1 KiB'],
  [196_640, '192 KiB'],
  [1_048_575, '1 MiB'],
  [1.5 * 2 ** 30, '1.5 GiB'],
  [50 * 2 ** 30, '50 GiB'],
  [3 * 2 ** 50, '3 PiB'],
])('%d bytes are %j', (bytes, words) => {
  expect(bytesText(bytes)).toBe(words);
});
