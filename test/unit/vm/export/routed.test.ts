import { describe, expect, it } from 'vitest';
import { cloudInit, minimalMachine, networkInterface, routedInterface } from '../../machines.ts';
import { contextWith, exported, whole } from './vms.ts';

const web = minimalMachine({
  name: 'web',
  firmware: 'uefi',
  autostart: true,
  interfaces: [routedInterface()],
});

/** Lines of comments, without what is the same in all files. */
function comments(text: string): readonly string[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => (/^\s*# /u.test(line) ? [line.trim().slice(2)] : []));
}

/** As Ansible's role wrote it. */
const SEED = {
  'user-data': '#cloud-config\nhostname: web\nfqdn: web.example.com\nssh_pwauth: false\n',
  'meta-data': 'instance-id: web-1\nlocal-hostname: web\n',
  'network-config': `version: 2
ethernets:
  eth0:
    match: {macaddress: "be:ef:0a:37:16:16"}
    addresses: [10.55.22.22/32]
    routes: [{to: 0.0.0.0/0, via: 169.254.0.1, on-link: true}]
    nameservers: {addresses: [9.9.9.9]}
`,
};

function ordered(xml: string): string {
  return xml.replace('<boot dev="hd"/>', '').replace(/(<target dev="vda"[^>]*>)/u, '$1<boot order="1"/>');
}

function otherTap(xml: string): string {
  return xml.replace('dev="vm0a371616"', 'dev="tap0"');
}

function otherTag(xml: string): string {
  return xml.replace('tag id="100"', 'tag id="200"');
}

describe('a routed VM that plow did not make', () => {
  it('is exported without a hole: its tap tells the address', async () => {
    const { text, checked } = await exported(contextWith(web, { withMetadata: false }), 'web');
    expect(text).toContain('network_interfaces:\n  - mode: ethernet\n    ip: 10.55.22.22/32');
    expect(comments(text)).toStrictEqual([]);
    expect(whole(checked.machine)).toStrictEqual(web);
  });

  it('is with its seed and its boot order a whole file', async () => {
    const original = { ...web, provisioning: cloudInit() };
    const { text, checked } = await exported(
      contextWith(original, { withMetadata: false, seed: SEED, edit: ordered }),
      'web',
    );
    expect(comments(text)).toStrictEqual([]);
    expect(whole(checked.machine)?.interfaces).toStrictEqual([routedInterface({ dnsServers: ['9.9.9.9'] })]);
  });

  it('is told of where its guest was given something else', async () => {
    const seed = {
      ...SEED,
      'network-config': SEED['network-config']
        .replace('10.55.22.22/32', '10.55.22.23/24')
        .replace('169.254.0.1', '10.55.22.1'),
    };
    const original = { ...web, provisioning: cloudInit() };
    const { text } = await exported(contextWith(original, { withMetadata: false, seed }), 'web');
    expect(text).toContain('ip: 10.55.22.22/32');
    expect(comments(text)).toStrictEqual([
      'its guest was given the gateway 10.55.22.1; that of a routed interface is 169.254.0.1',
      'its tap vm0a371616 says so; the guest was given 10.55.22.23/24',
    ]);
  });

  it('has words for a tap of another name', async () => {
    const { text } = await exported(contextWith(web, { withMetadata: false, edit: otherTap }), 'web');
    expect(comments(text).join('\n')).toContain('is of type ethernet (tap0)');
  });
});

describe('a routed VM that plow made', () => {
  it('is what it was made of', async () => {
    const { text, checked } = await exported(contextWith(web), 'web');
    expect(comments(text)).toStrictEqual([]);
    expect(whole(checked.machine)).toStrictEqual(web);
  });
});

describe('what the firmware tries', () => {
  const netboot = minimalMachine({
    name: 'web',
    interfaces: [networkInterface({ bootsFromNetwork: true, vlan: 100 })],
  });

  it.each([{}, { withMetadata: false }])('is exported, with a VLAN (%o)', async (how) => {
    const { text } = await exported(contextWith(netboot, how), 'web');
    expect(text).toContain('vlan: 100');
    expect(text).toContain('boot: network');
    expect(comments(text).filter((line) => !/^(ip|gateway): /u.test(line))).toStrictEqual([]);
  });

  it.each([
    [['"1"', '"5"'], '  - disk\n  - network\n'],
    [['<boot order="2"/>', ''], '  - network\n'],
  ])('is a list where keys of interfaces cannot say it: %s', async ([from = '', to = ''], list) => {
    const edit = (xml: string): string =>
      from.startsWith('<')
        ? xml.replace(from, to)
        : xml.replace(`<boot order=${from}/>`, `<boot order=${to}/>`);
    const { text } = await exported(contextWith(netboot, { edit }), 'web');
    expect(text).toContain(`\nboot:\n${list}`);
    expect(comments(text)).toStrictEqual(['it was network, disk when plow made the VM']);
  });

  it('is told where it changed since plow made the VM', async () => {
    const { text } = await exported(contextWith(netboot, { edit: otherTag }), 'web');
    expect(comments(text)).toStrictEqual(['it had the VLAN 100 when plow made the VM']);
  });
});
