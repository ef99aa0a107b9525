import { describe, expect, it } from 'vitest';
import { loadMachine } from '../../../src/config/vm-file/load.ts';
import type { FileTexts } from '../../../src/config/vm-file/referenced-files.ts';
import { PlowError } from '../../../src/errors/plow-error.ts';
import { SMALLEST } from './sample.ts';

/** What loading says of a file with these lines at its end, from line 11 on, and these files beside it. */
function told(lines: string, files: Readonly<Record<string, string>> = {}): readonly string[] {
  const texts: FileTexts = new Map(Object.entries(files));
  try {
    const { warnings } = loadMachine('vm.yaml', `${SMALLEST}${lines}\n`, { virtType: undefined }, texts);
    return ['loaded', ...warnings];
  } catch (error) {
    if (error instanceof PlowError) return error.message.split('\n');
    throw error;
  }
}

const provisioning = (words: string): string => `provisioning:\n  ${words.replaceAll('\n', '\n  ')}`;
const ignition = (words: string): readonly string[] => told(provisioning(`format: ignition\n${words}`));

describe('a word of provisioning', () => {
  it.each([
    [
      'format: ignitoin',
      '11:11: provisioning.format: must be cloud-init or ignition or none',
      'did you mean ignition?',
    ],
    ['format: null', '11:11: provisioning.format: ', 'cloud-init'],
    ['login_user: Core', '11:15: provisioning.login_user: must hold only a-z', '"Core"'],
    ['login_user: [a]', '11:15: provisioning.login_user: expected text', ''],
    ['console_autologin: core', '11:22: provisioning.console_autologin: must be root', 'core'],
    ['console_autologin: true', '11:22: provisioning.console_autologin: ', ''],
    ['logn_user: core', '11:3: provisioning.logn_user: unknown key', 'login_user'],
    ['network: networkd', '11:12: provisioning.network: is for Ignition', 'cloud-init finds out'],
    ['ignition: {config: a.ign}', '11:13: provisioning.ignition: is for Ignition', 'format: ignition'],
    ['ignition: {}', '11:13: provisioning.ignition: is for Ignition', 'or take it out'],
    [
      'user_data: u',
      '11:3: provisioning.user_data: unknown key; it belongs under',
      'provisioning.cloud_init',
    ],
    ['config: a.ign', '11:3: provisioning.config: unknown key; it belongs under', 'provisioning.ignition'],
    ['bus: scsi', '11:3: provisioning.bus: unknown key; it belongs under', 'provisioning.cloud_init'],
    ['cloud_init: {bus: ide}', '11:21: provisioning.cloud_init.bus: must be scsi', 'ide'],
    ['cloud_init: {format: x}', '11:16: provisioning.cloud_init.format: unknown key', ''],
  ])('that is %j is refused where it stands, with what was meant', (words, place, meant) => {
    const [first = '', ...more] = told(provisioning(words));
    expect(first.replace(/^vm\.yaml:12:/u, '11:')).toContain(place);
    expect(first).toContain(meant);
    expect(more).toStrictEqual([]);
  });
});

describe('with format: ignition', () => {
  it.each([
    ['packages: [nginx]', 'vm.yaml:13:13: provisioning.packages: Ignition cannot install packages'],
    ['cloud_init: {bus: scsi}', 'vm.yaml:13:15: provisioning.cloud_init: is for cloud-init'],
    ['cloud_init: {user_data: u}', 'vm.yaml:13:15: provisioning.cloud_init: is for cloud-init'],
    ['network: NetworkManager', 'vm.yaml:13:12: provisioning.network: must be networkmanager or networkd'],
    ['ignition: node.ign', 'vm.yaml:13:13: provisioning.ignition: expected a map of keys'],
    ['ignition: {file: a}', 'vm.yaml:13:14: provisioning.ignition.file: unknown key; known here are config'],
    ['ignition: {config: [a]}', 'vm.yaml:13:22: provisioning.ignition.config: expected text'],
    ['ignition: {fw_cfg_name: com.coreos/config}', 'vm.yaml:13:27: provisioning.ignition.fw_cfg_name: must'],
    ['ignition: {fw_cfg_name: opt/ovmf/a}', 'vm.yaml:13:27: provisioning.ignition.fw_cfg_name: '],
    [
      'ignition: {fw_cfg_name: "opt/a,file=/etc/shadow"}',
      'vm.yaml:13:27: provisioning.ignition.fw_cfg_name: ',
    ],
    [
      'write_files: [{path: /a, permissions: "4755"}]',
      'vm.yaml:13:41: provisioning.write_files[0].permissions: Ignition sets no setuid, setgid and sticky bits: write "0755"',
    ],
    [
      'write_files: [{path: /etc/plow/runcmd.sh}]\nruncmd: [date]',
      'vm.yaml:13:24: provisioning.write_files[0].path: is where plow puts what runcmd says: take another path',
    ],
    [
      'write_files: [{path: /a}, {path: /a/b/c}]',
      'vm.yaml:13:36: provisioning.write_files[1].path: lies below "/a", which is a file of write_files',
    ],
    [
      'write_files: [{path: /etc/localtime/x}]\ntimezone: UTC',
      'vm.yaml:13:24: provisioning.write_files[0].path: lies below "/etc/localtime", which is the link to the time zone',
    ],
    [
      'write_files: [{path: /a/../b}]',
      'vm.yaml:13:24: provisioning.write_files[0].path: Ignition takes no way round: write "/b"',
    ],
  ])('%j is refused where it stands', (words, line) => {
    const [first = '', ...more] = ignition(words);
    expect(first).toContain(line);
    expect(more).toStrictEqual([]);
  });

  it('all mistakes are told at once', () => {
    expect(ignition('packages: [a]\ncloud_init: {bus: scsi}\nfqdn: a_b\nlogin_user: -x')).toHaveLength(4);
  });

  it('has neither setuid bits nor packages, which are words of cloud-init alone', () => {
    const words = 'packages: [nginx]\nwrite_files: [{path: /a, permissions: "4755"}]';
    expect(told(provisioning(words))).toStrictEqual(['loaded']);
  });
});

describe('provisioning beside cloud_init', () => {
  it('is refused at the second of them, whichever it is', () => {
    expect(told('cloud_init: {}\nprovisioning: {}')).toStrictEqual([
      'vm.yaml:12:15: provisioning: cloud_init says already what is set up in the guest; keep one of them',
    ]);
    expect(told('provisioning: {format: ignition}\ncloud_init: {}')).toStrictEqual([
      'vm.yaml:12:13: cloud_init: provisioning says already what is set up in the guest; keep one of them',
    ]);
  });

  it('with format: none says nothing else', () => {
    expect(told(provisioning('format: none\nfqdn: a.example.com'))[0]).toContain(
      'vm.yaml:13:9: provisioning.fqdn: with format: none plow sets up nothing in the guest',
    );
    expect(told('provisioning:\n')[0]).toContain('vm.yaml:11:');
  });
});

/** What is said of a config of the user's own. */
function own(text: string, beside = ''): readonly string[] {
  return told(provisioning(`format: ignition\n${beside}ignition: {config: node.ign}`), { 'node.ign': text });
}

const SPEC3 = { ignition: { version: '3.4.0' } };

describe("a config of the user's own", () => {
  const place = 'vm.yaml:13:22: provisioning.ignition.config: ';
  it.each([
    ['of spec 2', '{"ignition": {"version": "2.3.0"}}', 'is of an older spec than 3', 'ign-converter'],
    ['of spec 1', '{"ignitionVersion": 1}', 'has no ignition.version', ''],
    ['of spec 4', '{"ignition": {"version": "4.0.0"}}', 'is of a spec that is not known', '3.x'],
    ['of no spec', '{"ignition": {"version": 3}}', 'has no ignition.version', ''],
    ['without a version', '{"storage": {}}', 'has no ignition.version', ''],
    ['that is a list', '[1]', 'is no JSON', ''],
    ['that is empty', '', 'is no JSON', ''],
    ['cut short', '{"ignition": {"version"', 'is no JSON', ''],
    ['with a comment', '{"ignition": {"version": "3.0.0"}} // mine', 'is no JSON', ''],
    ['nested as deep as can be', '['.repeat(200_000), 'is no JSON', ''],
    ['of Butane', 'variant: fcos\nversion: 1.5.0\n', 'is a Butane config', 'butane --strict node.ign'],
    ['of Butane, in quotes', '# mine\n"variant": flatcar\n', 'is a Butane config', 'butane --strict'],
    ['of cloud-init', '#cloud-config\nhostname: a\n', 'is no JSON', ''],
  ])('%s is refused, and what is in it is not repeated', (_, text, what, way) => {
    const [first = '', ...more] = own(text);
    expect(first).toContain(`${place}"node.ign" ${what}`);
    expect(first).toContain(way);
    expect(first).not.toContain('mine');
    expect(more).toStrictEqual([]);
  });

  it('that cannot be read is refused with the reason', () => {
    const texts: FileTexts = new Map([['node.ign', { problem: 'is not there' }]]);
    const text = `${SMALLEST}${provisioning('format: ignition\nignition: {config: node.ign}')}\n`;
    expect(() => loadMachine('vm.yaml', text, { virtType: undefined }, texts)).toThrow(
      `${place}"node.ign" is not there`,
    );
  });

  it('alone gives the guest neither name nor address, which is said', () => {
    expect(own(JSON.stringify(SPEC3))).toStrictEqual([
      'loaded',
      `${place}nothing but this config sets up the guest: plow gives it neither host name, keys nor address, which it has to bring itself`,
    ]);
    expect(own(JSON.stringify(SPEC3), 'timezone: UTC\n')).toStrictEqual(['loaded']);
  });

  it.each([
    [{ storage: { files: [{ contents: { source: 'https://me:hunter2@a.example/x' } }] } }, '1 URL,'],
    [{ ignition: { ...SPEC3.ignition, config: { merge: [{ source: 'http://a/b' }] } } }, '1 URL,'],
    [{ storage: { files: [{ append: [{ source: 's3://a/b' }, { source: 'tftp://a/b' }] }] } }, '2 URLs,'],
  ])('that names a URL needs a network early: %j', (part, count) => {
    const [, first = '', ...more] = own(JSON.stringify({ ...SPEC3, ...part }), 'timezone: UTC\n');
    expect(first).toContain(`provisioning.ignition.config: it names ${count} which the guest fetches`);
    expect(first).not.toContain('hunter2');
    expect(more).toStrictEqual([]);
  });

  it('has data of its own without a word, however deep it goes', () => {
    const data = { storage: { files: [{ contents: { source: 'data:,a' } }, { contents: { source: '' } }] } };
    expect(own(JSON.stringify({ ...SPEC3, ...data }), 'timezone: UTC\n')).toStrictEqual(['loaded']);
    const deep = `{"ignition": {"version": "3.0.0"}, "a": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(own(deep, 'timezone: UTC\n')).toStrictEqual(['loaded']);
  });
});
