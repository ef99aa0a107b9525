import { describe, expect, it } from 'vitest';
import {
  ED25519,
  bootDisk,
  cloudInit,
  dataDisk,
  fullMachine,
  minimalMachine,
  networkInterface,
} from '../../machines.ts';
import { contextWith, exported, whole } from './vms.ts';

/** With a name of its own, as the hypervisor would make it. */
const web = minimalMachine({ name: 'web', firmware: 'uefi', autostart: true });
const HASH = `$6$saltsalt$${'x'.repeat(86)}`;

/** Lines of comments, without what is the same in all files. */
function comments(text: string): readonly string[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => (/^\s*# /u.test(line) ? [line.trim().slice(2)] : []));
}

const foreign = { withMetadata: false } as const;

function withoutChain(xml: string): string {
  return xml.replace(/<backingStore[\s\S]*?<\/backingStore>/u, '');
}

describe('a VM of another tool, for an account that may only look', () => {
  it('has its size as the domain tells it, and no word of what could not be looked at', async () => {
    const context = contextWith(web, { ...foreign, edit: withoutChain });
    const { hypervisor } = context;
    hypervisor.isReadOnly = true;
    hypervisor.fault = (call) => (call === 'startPool' ? 'forbidden' : undefined);
    hypervisor.sizes.set('vda', { capacityBytes: 20 * 2 ** 30, takenBytes: 0 });
    const { text } = await exported(context, 'web');
    expect(text).toContain('  size_gb: 20\n');
    expect(comments(text)).toContain(
      'image: what the disk stands on is not known (/images/web is not shown to this account)',
    );
    expect(text).not.toMatch(/empty: true|missing|does not exist/u);
  });
});

function inNetwork(xml: string): string {
  return xml
    .replace('interface type="bridge"', 'interface type="network"')
    .replace('source bridge="br0"', 'source network="lan"');
}

describe('a VM of another tool', () => {
  it("in a network of libvirt's has the bridge behind it, where it has one", async () => {
    const context = contextWith(web, { ...foreign, edit: inNetwork });
    context.hypervisor.networks.set('lan', "<network><name>lan</name><bridge name='virbr0'/></network>");
    const { text } = await exported(context, 'web');
    expect(text).toContain('- bridge: virbr0\n');
    expect(text).not.toContain('is of type network');
    context.hypervisor.networks.set('lan', '<network><name>lan</name></network>');
    expect((await exported(context, 'web')).text).toContain('is of type network (lan)');
  });

  it('without a seed is exported with what is missing in its place', async () => {
    const { text, checked } = await exported(contextWith(web, foreign), 'web');
    expect(text).toBe(`# exported

name: web
vcpus: 1
memory_gib: 1

boot_disk:
  size_gb: 10
  image: /images/base.qcow2

network_interfaces:
  - bridge: br0
    # ip: 10.20.30.40/ as the MAC address tells; the prefix length is needed, and nothing tells it
    # gateway: is needed, and nothing tells it`);
    expect(checked.diagnostics.map(({ key, text: words }) => [key, words])).toStrictEqual([
      ['network_interfaces[0].ip', 'is required (text)'],
      ['network_interfaces[0].gateway', 'is required (text)'],
    ]);
  });

  it('with the seed of the original design is a whole file', async () => {
    const seed = {
      'user-data': `#cloud-config
hostname: web
fqdn: web.example.com
users:
  - name: root
    ssh_authorized_keys: ["${ED25519}"]
chpasswd:
  list: |
    root:${HASH}
  expire: false
ssh_pwauth: true
`,
      'meta-data': 'instance-id: web-1\nlocal-hostname: web\n',
      'network-config': `version: 2
ethernets:
  eth0:
    match: {macaddress: "be:ef:0a:14:1e:28"}
    addresses: [10.20.30.40/24]
    routes: [{to: default, via: 10.20.30.1}]
    nameservers: {addresses: [8.8.8.8, 1.1.1.1]}
`,
    };
    const original = { ...web, provisioning: cloudInit() };
    const { text, checked } = await exported(contextWith(original, { ...foreign, seed }), 'web');
    expect(comments(text)).toStrictEqual([]);
    expect(whole(checked.machine)).toStrictEqual({
      ...web,
      interfaces: [networkInterface({ dnsServers: ['8.8.8.8', '1.1.1.1'] })],
      provisioning: cloudInit({
        fqdn: 'web.example.com',
        hostname: 'web',
        sshKeys: [ED25519],
        rootPasswordHash: HASH,
        sshPasswordAuth: true,
      }),
    });
  });

  it('with several networks takes each from the seed by its MAC address, the default route too', async () => {
    const full = fullMachine();
    const [first, second] = full.interfaces;
    if (first === undefined || second === undefined) throw new Error('two interfaces');
    const original = fullMachine({
      interfaces: [
        { ...first, defaultRoute: false },
        { ...second, defaultRoute: true },
      ],
    });
    const { text } = await exported(contextWith(original, foreign), 'my-vm');
    expect(text.slice(text.indexOf('network'), text.indexOf('cloud_init'))).toBe(`network_interfaces:
  - ip: 10.20.30.40/24
    bridge: br0
    dns_servers: [8.8.8.8, 1.1.1.1]
  - ip: 192.168.1.50/24
    gateway: 192.168.1.1
    bridge: br1
    dns_servers: [192.168.1.1]
    default_route: true

`);
  });

  it.each([
    [
      'a full disk image',
      { bootDisk: bootDisk({ image: undefined }) },
      '',
      ['the disk is a whole one, and what it was made from is not known: a create makes an empty one'],
    ],
    [
      'a disk on another bus',
      { dataDisks: [dataDisk('vdb', 5)] },
      `s#dev="vdb" bus="virtio"#dev="sdb" bus="scsi"#`,
      ['disk sdb (scsi, qcow2, /images/web/data-vdb.qcow2, 5368709120 bytes)'],
    ],
    [
      'a disk elsewhere',
      { dataDisks: [dataDisk('vdb', 5)] },
      's#/images/web/data-vdb.qcow2#/other/data.qcow2#',
      [
        "vdb is /other/data.qcow2; plow puts disks into a directory of the VM's own",
        'size_gb: the size of vdb is not known (/other does not exist)',
      ],
    ],
    [
      'a drive',
      {},
      's#<interface#<disk type="file" device="floppy"><target dev="fda" bus="fdc"/></disk><interface#',
      ['floppy fda (fdc, empty)'],
    ],
    ['another CPU', {}, 's#<cpu mode="host-model"#<cpu#', ["cpu: QEMU's default model"]],
    [
      'a network of libvirt',
      {},
      's#interface type="bridge"#interface type="network"#;s#source bridge="br0"#source network="lan"#',
      [
        'bridge: is needed; it is plugged into the network lan',
        'interface be:ef:0a:14:1e:28 is of type network (lan)',
      ],
    ],
    [
      'another model',
      {},
      's#<model type="virtio"#<model type="e1000"#',
      ['interface be:ef:0a:14:1e:28 is a model e1000'],
    ],
    ['an odd size of memory', {}, 's#unit="MiB">1024<#unit="KiB">1048577<#', ['the domain has 1048577 KiB']],
    [
      'a device',
      {},
      's#<interface#<tpm model="tpm-tis"><backend type="emulator" version="1.2"/></tpm><interface#',
      ['tpm (tpm-tis emulator)'],
    ],
    [
      'a tuned disk',
      {},
      's#type="qcow2" cache="none"#type="qcow2" io="native"#',
      ['disk vda driver io=native'],
    ],
  ])('has in comments what a file cannot say: %s', async (_, changes, script, expected) => {
    const context = contextWith(minimalMachine({ ...web, ...changes }), { ...foreign, edit: sed(script) });
    const { text } = await exported(context, 'web');
    const usual = /^(?:ip|gateway): |^Not in this file/u;
    expect(
      comments(text)
        .filter((line) => !usual.test(line))
        .map((line) => line.replace(/^- /u, '')),
    ).toStrictEqual(expected);
  });

  it('of an odd name gets the nearest that plow can have', async () => {
    const context = contextWith(minimalMachine({ ...web, name: 'Büro Server.1' }), foreign);
    const { text, name } = await exported(context, 'Büro Server.1');
    expect(name).toBe('buro-server-1.yaml');
    expect(text).toContain(
      "# the domain is called 'Büro Server.1', as no VM of plow can be\nname: buro-server-1\n",
    );
  });

  it('without a cache mode has that of QEMU', async () => {
    const { text } = await exported(contextWith(web, { ...foreign, edit: sed('s# cache="none"##') }), 'web');
    expect(text).toContain('  cache: writeback\n');
  });

  it('says what the settings of a reader would fill in', async () => {
    const context = contextWith({ ...web, provisioning: cloudInit() }, foreign);
    const values = { dns_servers: ['9.9.9.9'], ssh_keys: [ED25519], cpu_mode: 'host-passthrough' as const };
    const { text, checked } = await exported(context, 'web', { fill: { values, whereIs: () => '' } });
    expect(text).toContain('    dns_servers: []\n');
    expect(whole(checked.machine)).toStrictEqual(
      whole({ ...web, provisioning: cloudInit({ hostname: 'web' }) }),
    );
  });
});

/** As `sed` would: `s#from#to#`, several with a semicolon. */
function sed(script: string): (xml: string) => string {
  return (xml) =>
    script.split(/;(?=s#)/u).reduce((text, one) => {
      if (one === '') return text;
      const [, from = '', to = ''] = one.split('#');
      if (!text.includes(from)) throw new Error(`no ${from} in ${text}`);
      return text.replaceAll(from, to);
    }, xml);
}
