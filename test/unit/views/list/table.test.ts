import { describe, expect, it } from 'vitest';
import { listDocument as shape } from '../../../../src/documents/list-schema.ts';
import { domainXml } from '../../../../src/libvirt-xml/domain/write.ts';
import { toStored } from '../../../../src/libvirt-xml/metadata/stored-vm.ts';
import { documentText } from '../../../../src/documents/serialize.ts';
import { ageText, durationText } from '../../../../src/text/quantities.ts';
import { renderTable } from '../../../../src/terminal/table.ts';
import { textWidth } from '../../../../src/text/width.ts';
import { vmColumns, WIDE_COLUMNS } from '../../../../src/views/list/columns.ts';
import type { VmColumn } from '../../../../src/views/list/columns.ts';
import { listDocument } from '../../../../src/views/list/document.ts';
import { sortedBy, vmCsv } from '../../../../src/views/list/table.ts';
import { listVms } from '../../../../src/vm/list/list.ts';
import type { VmRow } from '../../../../src/vm/list/list.ts';
import { fullMachine } from '../../machines.ts';
import { listed, listing, row, seen } from '../../vm/listed.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const COLUMNS = vmColumns(NOW);
const WIDE = pick(...WIDE_COLUMNS);

function pick(...names: readonly string[]): readonly VmColumn[] {
  return names.flatMap((name) => COLUMNS.filter((column) => column.name === name));
}

function paint(text: string, colour: string): string {
  return `<${colour}>${text}</>`;
}

const EVERYTHING = ['own', 'documents', 'addresses', 'flags', 'files'] as const;

/** One of plow's, which runs or not. */
function ownVm(): ReturnType<typeof listed> {
  const uuid = '0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f';
  const machine = { ...fullMachine(), tags: ['web', 'a b'] };
  const created = '2026-11-21T09:00:00.000Z';
  const metadata = { status: 'ready', uuid, version: '0.1.0', created, directory: '/img/my-vm' } as const;
  const whole = { ...metadata, stored: toStored(machine) };
  return listed({
    name: machine.name,
    uuid,
    info: { vcpus: 4, cpuSeconds: 3723.4 },
    xml: domainXml(machine, { arch: 'x86_64', virtType: 'kvm', backingFormat: 'qcow2', metadata: whole }),
    seen: [seen('agent', '10.20.30.40'), seen('agent', 'fd00::40')],
    autostart: true,
    persistent: true,
  });
}

/** One of plow's that runs, one of somebody else's that does not, as a hypervisor tells of them. */
async function twoRows(): Promise<readonly VmRow[]> {
  const other = listed({
    name: 'old-vm',
    uuid: '1f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f',
    active: false,
    info: { state: 'shut off', memoryKib: 512 * 1024 },
    xml: `<domain><devices><interface type='bridge'><mac address='be:ef:0a:00:00:09'/><source bridge='br7'/></interface></devices></domain>`,
    autostart: false,
    persistent: true,
  });
  return listVms(listing(other, ownVm()), { all: true, facts: new Set(EVERYTHING) });
}

it.each(COLUMNS.map((column) => [column.name, column] as const))(
  'the column %s says the same with what it needs as with every fact, of one that is off as well',
  async (_, { value, needs = [] }) => {
    const domain = ownVm();
    const both = [
      { ...domain, missing: ['/img/gone'] },
      { ...domain, name: 'off', active: false, missing: ['/img/gone'] },
    ];
    const rowsWith = (facts: typeof needs): Promise<readonly VmRow[]> =>
      listVms(listing(...both), { all: true, facts: new Set(facts) });
    const [few, all] = await Promise.all([rowsWith(needs), rowsWith(EVERYTHING)]);
    expect(few.map(value)).toStrictEqual(all.map(value));
  },
);

describe('the wide table', () => {
  it('tells the declared from the seen', async () => {
    expect(`\n${renderTable(WIDE, await twoRows()).lines.join('\n')}\n`).toMatchInlineSnapshot(`
      "
      NAME       STATE     VCPUS  MEMORY   USED   CPU TIME  DECLARED                  SEEN                  MAC                                  DISKS        IMAGE       AUTOSTART  MADE BY     CREATED     EXPIRES  UUID
      my-vm      running   4      4 GiB    4 GiB  1h 2m     10.20.30.40,192.168.1.50  10.20.30.40,fd00::40  be:ef:0a:14:1e:28,be:ef:c0:a8:01:32  vda,vdb,vdc  base.qcow2  yes        plow 0.1.0  3 days ago  -        0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f
      old-vm     shut off  2      512 MiB  -      -         10.0.0.9                  -                     be:ef:0a:00:00:09                    -            -           no         -           -           -        1f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f
      "
    `);
  });

  it.each([200, 120, 80, 60, 20])(
    'in %d columns is no wider than that, with whole names and UUIDs',
    async (width) => {
      const { lines, leftOut } = renderTable(WIDE, await twoRows(), { width });
      expect(lines.filter((line) => textWidth(line) > width)).toStrictEqual([]);
      expect(lines.map((line) => line.split(' ')[0])).toStrictEqual(['NAME', 'my-vm', 'old-vm']);
      expect(leftOut.includes('UUID') || lines[1]?.endsWith('0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f')).toBe(
        true,
      );
    },
  );

  it('in 80 columns has what matters most, and says what is left out', async () => {
    const { lines, leftOut } = renderTable(WIDE, await twoRows(), { width: 80 });
    expect(`\n${lines.join('\n')}\n`).toMatchInlineSnapshot(`
      "
      NAME       STATE     VCPUS  MEMORY   DECLARED               SEEN
      my-vm      running   4      4 GiB    10.20.30.40,192.168.…  10.20.30.40,fd00::40
      old-vm     shut off  2      512 MiB  10.0.0.9               -
      "
    `);
    expect(leftOut).toMatchInlineSnapshot(`
      [
        "USED",
        "CPU TIME",
        "MAC",
        "DISKS",
        "IMAGE",
        "AUTOSTART",
        "MADE BY",
        "CREATED",
        "EXPIRES",
        "UUID",
      ]
    `);
  });

  it('in 60 columns never shortens a name', () => {
    const rows = [
      row({ name: 'a-name-that-nobody-would-want-to-type-every-day', address: '10.20.30.40' }),
      row({ name: '名前が長い仮想マシンの名前', address: '10.20.30.41' }),
    ];
    const columns = pick('name', 'state', 'vcpus', 'memory', 'address');
    const { lines, leftOut } = renderTable(columns, rows, { width: 60 });
    expect(`\n${lines.join('\n')}\n`).toMatchInlineSnapshot(`
      "
      NAME                                             STATE
      a-name-that-nobody-would-want-to-type-every-day  running
      名前が長い仮想マシンの名前                       running
      "
    `);
    expect(leftOut).toStrictEqual(['VCPUS', 'MEMORY', 'IP ADDRESS']);
    expect(renderTable(columns, rows, { width: 20 }).lines[1]).toBe(rows[0]?.name);
  });

  it('has a description of several lines in one', () => {
    const { lines } = renderTable(pick('name', 'description'), [
      row({ description: 'Web application of the shop.\nOwner: the web team.' }),
    ]);
    expect(lines[1]).toBe('vm         Web application of the shop. Owner: the web team.');
  });

  it('paints words, not the blanks between them', () => {
    const rows = [
      row({}),
      row({ state: 'shut off' }),
      row({ state: 'incomplete' }),
      row({ state: 'paused' }),
    ];
    expect(renderTable(pick('state', 'name'), rows, { paint }).lines).toStrictEqual([
      'STATE       NAME',
      '<green>running</>     vm',
      '<dim>shut off</>    vm',
      '<red>incomplete</>  vm',
      '<yellow>paused</>      vm',
    ]);
  });

  it('may do without titles', () => {
    expect(renderTable(pick('name'), [row({})], { headers: false }).lines).toStrictEqual(['vm']);
  });
});

describe('comma-separated values', () => {
  it('are plain numbers and whole texts', async () => {
    const columns = pick('name', 'vcpus', 'memory', 'cpu', 'declared', 'tags', 'created');
    expect(vmCsv(columns, await twoRows(), { headers: true })).toMatchInlineSnapshot(`
      [
        "name,vcpus,memory_kib,cpu_seconds,declared,tags,created",
        "my-vm,4,4194304,3723.4,"10.20.30.40,192.168.1.50","web,a b",2026-11-21T09:00:00.000Z",
        "old-vm,2,524288,,10.0.0.9,,",
      ]
    `);
  });

  it('are in quotes where they need to be', () => {
    expect(vmCsv(pick('name'), [row({ name: 'a "b", c' })], { headers: false })).toStrictEqual([
      '"a ""b"", c"',
    ]);
  });
});

describe('sorting', () => {
  const rows = [
    row({ name: 'b', memoryKib: 1, address: '10.0.0.10' }),
    row({ name: 'a', memoryKib: 1, address: '10.0.0.9' }),
    row({ name: 'c', memoryKib: 3, address: undefined }),
  ];

  it.each([
    ['memory', false, 'a b c'],
    ['memory', true, 'c a b'],
    ['address', false, 'a b c'],
    ['address', true, 'b a c'],
    ['name', true, 'c b a'],
  ])('by %s, descending: %s', (name, isDescending, order) => {
    const [column] = pick(name);
    if (column === undefined) throw new Error(name);
    expect(
      sortedBy(column, isDescending, rows)
        .map((one) => one.name)
        .join(' '),
    ).toBe(order);
  });
});

describe('the document of the list', () => {
  it('has the shape of its schema, and every fact', async () => {
    const document = listDocument('qemu:///system', await twoRows());
    const whole = { version: 1, ...document };
    expect(shape.parse(whole)).toStrictEqual(whole);
    expect(`\n${documentText(document, 'yaml')}\n`).toMatchInlineSnapshot(`
      "
      version: 1
      uri: qemu:///system
      vms:
        - name: my-vm
          uuid: 0f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f
          state: running
          active: true
          persistent: true
          autostart: true
          protected: false
          expires: null
          undo_until: null
          vcpus: 4
          memory_kib: 4194304
          current_memory_kib: 4194304
          cpu_seconds: 3723.4
          addresses:
            declared:
              - address: 10.20.30.40
                prefix_length: 24
                mac: be:ef:0a:14:1e:28
              - address: 192.168.1.50
                prefix_length: 24
                mac: be:ef:c0:a8:01:32
            seen:
              - source: agent
                address: 10.20.30.40
                prefix_length: 24
                family: ipv4
                mac: 52:54:00:11:22:33
                interface: vnet0
              - source: agent
                address: fd00::40
                prefix_length: 24
                family: ipv6
                mac: 52:54:00:11:22:33
                interface: vnet0
          interfaces:
            - type: bridge
              source: br0
              bridge: br0
              vlan: null
              mac: be:ef:0a:14:1e:28
              model: virtio
              mtu_bytes: null
              tap: null
              boot_order: null
            - type: bridge
              source: br1
              bridge: br1
              vlan: null
              mac: be:ef:c0:a8:01:32
              model: virtio
              mtu_bytes: null
              tap: null
              boot_order: null
          disks:
            - target: vda
              device: disk
              bus: virtio
              source: /img/my-vm/boot.qcow2
              format: qcow2
              backing:
                - /images/base.qcow2
            - target: vdb
              device: disk
              bus: virtio
              source: /img/my-vm/data-vdb.qcow2
              format: qcow2
              backing: []
            - target: vdc
              device: disk
              bus: virtio
              source: /img/my-vm/data-vdc.qcow2
              format: qcow2
              backing: []
            - target: sda
              device: cdrom
              bus: scsi
              source: /img/my-vm/cloudinit.iso
              format: raw
              backing: []
          image: /images/base.qcow2
          known_image: null
          missing_files: []
          made_by_plow: true
          plow_version: 0.1.0
          created: 2026-11-21T09:00:00.000Z
          directory: /img/my-vm
          description: null
          tags:
            - web
            - a b
        - name: old-vm
          uuid: 1f7a2f0e-6b5c-4c3b-9d1a-0a1b2c3d4e5f
          state: shut off
          active: false
          persistent: true
          autostart: false
          protected: false
          expires: null
          undo_until: null
          vcpus: 2
          memory_kib: 524288
          current_memory_kib: null
          cpu_seconds: null
          addresses:
            declared:
              - address: 10.0.0.9
                prefix_length: null
                mac: be:ef:0a:00:00:09
            seen: []
          interfaces:
            - type: bridge
              source: br7
              bridge: br7
              vlan: null
              mac: be:ef:0a:00:00:09
              model: null
              mtu_bytes: null
              tap: null
              boot_order: null
          disks: []
          image: null
          known_image: null
          missing_files: []
          made_by_plow: false
          plow_version: null
          created: null
          directory: null
          description: null
          tags: []
      "
    `);
  });

  it('without VMs is whole', () => {
    expect(listDocument('test:///default', [])).toStrictEqual({
      uri: 'test:///default',
      vms: [],
    });
  });
});

describe('times', () => {
  it.each([
    [0, '0s'],
    [7.25, '7.3s'],
    [59.96, '1m'],
    [60, '1m'],
    [312, '5m 12s'],
    [3723.4, '1h 2m'],
    [86_400 * 3 + 3600 * 4, '3d 4h'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });

  it.each([
    ['2026-11-24T12:00:00Z', 'just now'],
    ['2026-11-24T11:58:59Z', '1 minute ago'],
    ['2026-11-24T10:00:00Z', '2 hours ago'],
    ['2026-11-20T12:00:00Z', '4 days ago'],
    ['2026-09-01T12:00:00Z', '2 months ago'],
    ['2020-11-23T12:00:00Z', '6 years ago'],
    ['2026-11-24T12:00:01Z', 'in the future'],
    ['long ago', 'long ago'],
  ])('%s was %s', (iso, text) => {
    expect(ageText(iso, NOW)).toBe(text);
  });
});
