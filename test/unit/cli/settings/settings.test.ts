import { describe, expect, it } from 'vitest';
import type { Environment } from '../../../../src/cli/environment.ts';
import { givenSettings, resolveSettings, settingsOf } from '../../../../src/cli/settings/settings.ts';
import type { GlobalOptions } from '../../../../src/cli/record/command.ts';
import type { Settings } from '../../../../src/cli/settings/settings.ts';
import { loadSettings } from '../../../../src/config/settings/load.ts';
import type { SettingsFile } from '../../../../src/config/settings/load.ts';

type Variables = Readonly<Record<string, string>>;

const DEFAULTS: Settings = {
  uri: 'qemu:///system',
  host: undefined,
  isOfSeveral: false,
  labels: [],
  isForeignUri: false,
  storagePath: '/var/lib/libvirt/images',
  makesStoragePath: false,
  imageDirs: { value: ['/var/lib/libvirt/images'], from: 'default' },
  shareDirs: { value: [], from: 'default' },
  verbose: false,
  virtType: undefined,
  fill: undefined,
  fileRoots: [],
  ignores: [],
};

/** The storage path, and that of libvirt. */
function stored(storagePath: string): Partial<Settings> {
  const value = [storagePath, '/var/lib/libvirt/images'];
  return { storagePath, imageDirs: { value, from: 'default' } };
}

const FILE = loadSettings('plow.yaml', 'connect: f:///\nstorage_path: /file/\nvirt_type: qemu\n');

const foreign = (connect: string): SettingsFile => ({
  ...loadSettings('plow.yaml', `connect: ${connect}\n`),
  foreign: 'belongs to uid 1000, and plow runs as root',
});

describe('the settings', () => {
  it.each<[GlobalOptions, Variables, Partial<Settings>]>([
    [{}, {}, {}],
    [{}, { LIBVIRT_DEFAULT_URI: 'qemu+tcp:///system' }, { uri: 'qemu+tcp:///system' }],
    [{}, { LIBVIRT_DEFAULT_URI: 'a:///', PLOW_CONNECT: 'b:///' }, { uri: 'b:///' }],
    [{ connect: 'c:///' }, { LIBVIRT_DEFAULT_URI: 'a:///', PLOW_CONNECT: 'b:///' }, { uri: 'c:///' }],
    [{}, { LIBVIRT_DEFAULT_URI: 'a:///', PLOW_CONNECT: '' }, { uri: 'a:///' }],
    [{}, { LIBVIRT_DEFAULT_URI: '', PLOW_CONNECT: '' }, {}],
    [{}, { PLOW_STORAGE_PATH: '/srv/vms' }, stored('/srv/vms')],
    [{ storagePath: '/data' }, { PLOW_STORAGE_PATH: '/srv/vms' }, stored('/data')],
    [{}, { PLOW_STORAGE_PATH: '' }, {}],
    [{ storagePath: '/data//a/../b/' }, {}, stored('/data/b')],
    [{ verbose: true }, {}, { verbose: true }],
    [{}, { PLOW_VIRT_TYPE: 'qemu' }, { virtType: 'qemu' }],
    [{}, { PLOW_VIRT_TYPE: 'kvm' }, { virtType: 'kvm' }],
    [{}, { PLOW_VIRT_TYPE: '' }, {}],
  ])('of the options %j and the variables %j are the defaults with %j', (options, variables, changes) => {
    expect(resolveSettings(options, variables)).toStrictEqual({ ...DEFAULTS, ...changes });
  });

  it.each<[GlobalOptions, Variables, Partial<Settings>]>([
    [{}, {}, {}],
    [{ connect: 'c:///' }, {}, { uri: 'c:///' }],
    [{}, { PLOW_CONNECT: 'b:///' }, { uri: 'b:///' }],
    [{}, { LIBVIRT_DEFAULT_URI: 'a:///' }, { uri: 'a:///' }],
    [{}, { PLOW_CONNECT: '', LIBVIRT_DEFAULT_URI: '' }, {}],
    [{ storagePath: '/flag' }, {}, stored('/flag')],
    [{}, { PLOW_STORAGE_PATH: '/variable' }, stored('/variable')],
    [{}, { PLOW_VIRT_TYPE: 'kvm' }, { virtType: 'kvm' }],
  ])(
    'of the options %j and the variables %j are those of the file with %j',
    (options, variables, changes) => {
      const ofFile = { ...DEFAULTS, uri: 'f:///', ...stored('/file'), virtType: 'qemu' };
      expect(resolveSettings(options, variables, FILE)).toStrictEqual({ ...ofFile, ...changes });
    },
  );

  it.each<[string, Variables, string | undefined, string]>([
    ['qemu:///session', { HOME: '/home/al' }, '/home/al/.local/share/libvirt/images', 'default, below HOME'],
    [
      'qemu+unix:///session?mode=auto',
      { HOME: '/h', XDG_DATA_HOME: '' },
      '/h/.local/share/libvirt/images',
      'default, below HOME',
    ],
    [
      'qemu:///session',
      { HOME: '/h', XDG_DATA_HOME: '/d/' },
      '/d/libvirt/images',
      'default, below XDG_DATA_HOME',
    ],
    [
      'qemu:///session',
      { HOME: '/h', XDG_DATA_HOME: 'd' },
      '/h/.local/share/libvirt/images',
      'default, below HOME',
    ],
    ['qemu:///session', { HOME: '' }, undefined, 'default'],
    ['qemu:///session?socket=/a', { HOME: '/h' }, undefined, 'default'],
    ['qemu+ssh://al@hv1/session', { HOME: '/h' }, undefined, 'default'],
    ['qemu+ssh://al@hv1/session', { PLOW_STORAGE_PATH: '/v' }, '/v', 'variable PLOW_STORAGE_PATH'],
    ['qemu+ssh://al@hv1/system', { HOME: '/h' }, '/var/lib/libvirt/images', 'default'],
  ])('of %s have for VMs, with %j, the directory %s', async (uri, variables, value, from) => {
    const given = givenSettings({ connect: uri }, variables, undefined);
    expect(given.storagePath).toStrictEqual({ value, from });
    const settings = resolveSettings({ connect: uri }, variables);
    expect(settings.makesStoragePath).toBe(from.startsWith('default, '));
    expect(settings.imageDirs.value).toStrictEqual([
      ...new Set([value, '/var/lib/libvirt/images'].filter((one) => one !== undefined)),
    ]);
    const asking = settingsOf(
      { connect: uri },
      { variables: { ...variables, XDG_CONFIG_HOME: '/nonexistent' }, userId: 0 } as unknown as Environment,
      'a place for VMs',
    );
    const unknown = `where VMs of ${uri} are to lie is not known here: give a directory of that user with --storage-path`;
    const outcome = await asking.catch((error: unknown) => error);
    expect(outcome).toMatchObject(
      value === undefined ? { kind: 'config', message: unknown } : { storagePath: value },
    );
  });

  it('of a file that others may have written lead to hosts, and run no program', () => {
    const plain = foreign('qemu+ssh://hv1/system');
    expect(resolveSettings({}, {}, plain)).toMatchObject({
      uri: 'qemu+ssh://hv1/system',
      isForeignUri: true,
    });
    expect(resolveSettings({ connect: 'c:///' }, {}, plain)).toMatchObject({ isForeignUri: false });
    const evil = foreign('qemu+ssh://hv1/system?command=/tmp/evil');
    expect(() => resolveSettings({}, {}, evil)).toThrow(
      expect.objectContaining({
        kind: 'config',
        message:
          'plow.yaml:1:10: connect: a URI with parameters or +ext can name programs and keys, and the file belongs to uid 1000, and plow runs as root: give the URI with --connect',
      }),
    );
    expect(resolveSettings({ connect: 'c:///' }, {}, evil)).toMatchObject({ uri: 'c:///' });
  });

  it('of the file say where images lie, alone', () => {
    const file = loadSettings('plow.yaml', 'image_dirs:\n  - /srv/images\n');
    expect(resolveSettings({ storagePath: '/data' }, {}, file).imageDirs).toStrictEqual({
      value: ['/srv/images'],
      from: 'plow.yaml:2:3',
    });
  });

  it('of the file know what VM files leave out, and where it stands', () => {
    const file = loadSettings('plow.yaml', 'defaults:\n  bridge: br0\n');
    const { fill } = resolveSettings({}, {}, file);
    expect(fill?.values).toStrictEqual({ bridge: 'br0' });
    expect(fill?.whereIs(['bridge'])).toBe('plow.yaml:2:11');
  });

  it.each<[GlobalOptions, Variables, string]>([
    [{ storagePath: 'vms' }, {}, "--storage-path: 'vms' is not an absolute path on the hypervisor"],
    [{ storagePath: '' }, {}, "--storage-path: '' is not an absolute path on the hypervisor"],
    [
      {},
      { PLOW_STORAGE_PATH: './vms' },
      "PLOW_STORAGE_PATH: './vms' is not an absolute path on the hypervisor",
    ],
    [{}, { PLOW_VIRT_TYPE: 'xen' }, "PLOW_VIRT_TYPE: expected kvm or qemu, got 'xen'"],
    [{}, { PLOW_VIRT_TYPE: 'KVM' }, "PLOW_VIRT_TYPE: expected kvm or qemu, got 'KVM'"],
  ])('of the options %j and the variables %j are an error', (options, variables, message) => {
    expect(() => resolveSettings(options, variables)).toThrow(
      expect.objectContaining({ kind: 'config', message }),
    );
  });
});
