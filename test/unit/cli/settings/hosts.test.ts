import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allSettingsOf, settingsOf } from '../../../../src/cli/settings/settings.ts';
import type { GlobalOptions } from '../../../../src/cli/record/command.ts';
import { settingsOfHost } from '../../../../src/config/settings/host.ts';
import { loadSettings } from '../../../../src/config/settings/load.ts';
import { fakeEnvironment } from '../environment.ts';

const TEXT = `host: hv1
storage_path: /top
defaults: { bridge: br0, gateways: { 10.0.0.0/8: 10.0.0.1 } }
hosts:
  hv1: { connect: "a:///", storage_path: /srv/vms, labels: [rack1, prod] }
  hv2: { connect: "b:///", enabled: false, labels: [prod] }
  hv3:
    connect: "c:///"
    labels: [prod]
    defaults: { bridge: br3, gateways: { 10.3.0.0/16: 10.3.0.1 } }
`;

let folder = '';
let config = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plow-hosts-'));
  config = join(folder, 'plow.yaml');
  await writeFile(config, TEXT);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

type Variables = Readonly<Record<string, string>>;

/** `hv1 a:/// /srv/vms` of each. */
async function meant(options: GlobalOptions, variables: Variables = {}): Promise<readonly string[]> {
  const environment = fakeEnvironment(undefined, variables);
  const all = await allSettingsOf({ config, ...options }, environment, 'everything');
  return all.map(({ host, uri, storagePath }) => `${host} ${uri} ${storagePath}`);
}

const HV1 = 'hv1 a:/// /srv/vms';
const HV3 = 'hv3 c:/// /top';

describe('hosts by name', () => {
  it.each<[GlobalOptions, Variables, readonly string[]]>([
    [{}, {}, [HV1]],
    [{ host: 'hv3' }, {}, [HV3]],
    [{ host: 'hv3, hv1,hv3' }, {}, [HV3, HV1]],
    [{ host: 'label:prod' }, {}, [HV1, HV3]],
    [{ allHosts: true }, {}, [HV1, HV3]],
    [{}, { PLOW_HOST: 'hv3' }, [HV3]],
    [{ host: 'hv1' }, { PLOW_HOST: 'hv3', PLOW_CONNECT: 'x:///' }, [HV1]],
    [{}, { PLOW_HOST: 'hv3', PLOW_CONNECT: 'x:///' }, [HV3]],
    [{}, { PLOW_CONNECT: 'x:///' }, ['undefined x:/// /top']],
    [{}, { LIBVIRT_DEFAULT_URI: 'x:///' }, ['undefined x:/// /top']],
    [{ connect: 'y:///' }, { PLOW_HOST: 'hv3' }, ['undefined y:/// /top']],
    [{ host: 'hv1' }, { PLOW_STORAGE_PATH: '/variable' }, [HV1]],
    [{ host: 'hv3' }, { PLOW_STORAGE_PATH: '/variable' }, ['hv3 c:/// /variable']],
    [{ host: 'hv1', storagePath: '/flag' }, {}, ['hv1 a:/// /flag']],
  ])('%j and %j mean %j', async (options, variables, expected) => {
    expect(await meant(options, variables)).toStrictEqual(expected);
  });

  it.each<[GlobalOptions, string]>([
    [{ host: 'hv9' }, `--host: there is no host "hv9"; did you mean 'hv1'?`],
    [{ host: 'hv2' }, '--host: "hv2" is not enabled'],
    [{ host: 'label:test' }, '--host: no host has the label "test"'],
    [{ host: 'toString' }, '--host: there is no host "toString"'],
    [{ host: '' }, '--host: there is no host ""'],
    [{ host: 'hv1', connect: 'x:///' }, '--host and --connect do not go together'],
    [{ host: 'hv1', allHosts: true }, '--host and --all-hosts do not go together'],
  ])('%j is refused: %s', async (options, message) => {
    await expect(meant(options)).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringContaining(message) as unknown,
    });
  });

  it('are several where a command takes one', async () => {
    const options = { config, host: 'label:prod' };
    await expect(settingsOf(options, fakeEnvironment(), 'the connection')).rejects.toMatchObject({
      message: 'this command is about one hypervisor, and several are meant',
      hint: '--host hv1 takes one of them',
    });
  });

  it('need a file that has them', async () => {
    const options = { config: join(folder, 'none.yaml'), host: 'hv1' };
    await writeFile(options.config, 'storage_path: /srv\n');
    await expect(settingsOf(options, fakeEnvironment(), 'the connection')).rejects.toMatchObject({
      message: expect.stringContaining('no hosts are known by name: ') as unknown,
    });
  });
});

describe('what a host of the file does not say', () => {
  it('comes from the top, and each value says where it stands', () => {
    const { values, whereIs } = settingsOfHost(loadSettings('plow.yaml', TEXT), 'hv3');
    expect(values).toStrictEqual({
      connect: 'c:///',
      storage_path: '/top',
      defaults: { bridge: 'br3', gateways: { '10.0.0.0/8': '10.0.0.1', '10.3.0.0/16': '10.3.0.1' } },
    });
    const line = (...path: readonly string[]): string | undefined => whereIs(path).split(':')[1];
    expect([line('connect'), line('storage_path'), line('defaults', 'bridge')]).toStrictEqual([
      '8',
      '2',
      '10',
    ]);
    expect(line('defaults', 'gateways', '10.0.0.0/8')).toBe('3');
    expect(line('defaults', 'gateways', '10.3.0.0/16')).toBe('10');
  });

  it.each([
    ['host: hv9\nhosts: { hv1: { connect: "a:///" } }\n', 'plow.yaml:1:7: host: there is no "hv9" in hosts'],
    ['host: hv1\nconnect: "b:///"\nhosts: { hv1: { connect: "a:///" } }\n', 'host: beside connect'],
    ['hosts: { hv1: {} }\n', 'hosts.hv1.connect: '],
    ['hosts: { "hv:1": { connect: "a:///" } }\n', 'takes letters, digits'],
    [
      'hosts: { hv1: { connect: "a:///", bridge: br0 } }\n',
      'unknown key; known here are connect, storage_path',
    ],
    [
      'hosts: { hv1: { connect: "a:///", defaults: { gateways: { 10.0.0.0/24: 10.1.0.1 } } } }\n',
      '10.1.0.1 is outside 10.0.0.0/24',
    ],
  ])('%j has a mistake: %s', (text, message) => {
    expect(() => loadSettings('plow.yaml', text)).toThrow(message);
  });
});
