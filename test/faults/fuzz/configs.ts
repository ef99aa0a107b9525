import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { CPU_MODES, ON_CRASH } from '../../../src/config/machine.ts';
import { layoutFor } from './layouts.ts';
import { WATCHDOG_ACTIONS } from '../../../src/config/machine/extras.ts';
import { media } from './media.ts';
import { provisioned } from './provisioning.ts';
import { FORBIDDEN, SURPRISES } from './nasty.ts';
import { screens } from './screens.ts';

/** A file's content before it is written as YAML. */
export type Config = Readonly<Record<string, unknown>>;

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.array(fc.constantFrom(...SURPRISES), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
);

/** Text of one line that no control character, no half of a pair and no invisible mark spoils. */
const lineText = anyText.map((text) => text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, ''));

/** The reader makes names lower case and takes whatever YAML could take for a number or a date. */
const name = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,61}[a-zA-Z0-9]$/),
  fc.constantFrom(
    'no',
    'YES',
    'on',
    'null',
    '1e3',
    '0x10',
    '0o17',
    '010',
    '1_000',
    '2024-01-01',
    '12',
    'NaN',
  ),
);

const hostLabel = fc.stringMatching(/^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,20}[a-zA-Z0-9])?$/);

const fqdn = fc
  .tuple(
    fc.array(hostLabel, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('com', 'xn--p1ai', 'a1', 'null'),
  )
  .map(([labels, last]) => [...labels, last].join('.'));

const image = anyText.map((text) => `/img/${text.replaceAll(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '')}x`);

/** One field of a key's blob: RFC 4251 5. */
function field(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

const sshKey = fc.tuple(fc.uint8Array({ minLength: 32, maxLength: 32 }), lineText).map(([point, comment]) => {
  const blob = Buffer.concat([field(Buffer.from('ssh-ed25519')), field(point)]).toString('base64');
  return `ssh-ed25519 ${blob} ${comment}`;
});

const hash = fc.stringMatching(/^\$[0-9a-z]{1,3}\$[./0-9A-Za-z=,+-]{1,16}\$[./0-9A-Za-z]{1,86}$/);

const login = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,20}$/).filter((text) => text !== 'root');

/** Text of several lines, of whatever PyYAML can read. */
const lines = fc
  .array(
    fc.oneof(anyText, fc.constantFrom('', ' ', '\t', '# no', 'a: b', '...', '---', '%', '\ttab', 'end ')),
    { maxLength: 6 },
  )
  .map((texts) =>
    texts.join('\n').replaceAll(/(?![\t\n])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFEFF\uFFFE\uFFFF]/gu, ''),
  );

const user = fc.record(
  {
    name: login,
    // Twice the same is once to Ignition.
    groups: fc.uniqueArray(login, { maxLength: 3 }),
    sudo: fc.oneof(
      fc.boolean(),
      lineText.map((text) => `ALL=(ALL) x${text}`),
    ),
    shell: fc.constantFrom('/bin/sh', '/usr/bin/no'),
    ssh_keys: fc.array(sshKey, { maxLength: 2 }),
  },
  { requiredKeys: ['name'] },
);

const writtenFile = fc.record(
  {
    path: lineText.map((text) => `/${text.replaceAll('\t', '')}x`),
    content: lines,
    owner: fc.oneof(login, fc.constantFrom('root', 'root:root', 'a:root')),
    permissions: fc.constantFrom('0644', '600', '4755'),
  },
  { requiredKeys: ['path'] },
);

const command = lines.map((text) => `x${text}`);

/** A host of a /24 by default; its gateway is in the subnet most of the time. */
const networkInterface = fc
  .record(
    {
      octets: fc.tuple(
        fc.integer({ min: 1, max: 126 }),
        fc.nat(255),
        fc.nat(255),
        fc.integer({ min: 2, max: 253 }),
      ),
      prefix: fc.constantFrom(24, 24, 24, 16, 8, 30, 31, 32, 0),
      outside: fc.nat(9),
      bridge: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/),
      dns: fc.array(fc.ipV4(), { maxLength: 4 }),
      defaultRoute: fc.boolean(),
      mtu: fc.integer({ min: 576, max: 65_535 }),
    },
    { requiredKeys: ['octets', 'prefix', 'outside', 'bridge'] },
  )
  .map(({ octets: [a, b, c, d], prefix, outside, bridge, dns, defaultRoute, mtu }) => ({
    ip: `${a}.${b}.${c}.${d}/${prefix}`,
    ...(defaultRoute === false && outside > 4
      ? {}
      : { gateway: outside === 0 ? '203.0.113.7' : `${a}.${b}.${c}.${d === 2 ? 3 : d - 1}` }),
    bridge,
    ...(dns === undefined ? {} : { dns_servers: dns }),
    ...(defaultRoute === false ? { default_route: false } : {}),
    ...(mtu === undefined ? {} : { mtu }),
  }));

/** A total, or parts, of operations and of bytes. */
const ioLimits = fc
  .tuple(fc.constantFrom('iops', 'mib_per_s'), fc.boolean(), fc.integer({ min: 1, max: 1_000_000 }))
  .map(([counts, isTotal, most]) =>
    isTotal ? { [`total_${counts}`]: most } : { [`read_${counts}`]: most, [`write_${counts}`]: most },
  );

const fwCfg = fc.uniqueArray(
  fc.record({
    name: fc.stringMatching(/^opt(?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,10}){1,3}$/),
    file: image.map((text) => text.replaceAll(',', '')),
  }),
  { selector: ({ name: its }) => its, maxLength: 3 },
);

const shares = fc.uniqueArray(
  fc.record(
    {
      source: image.map((text) => text.replaceAll(',', '').replaceAll(/\/+/gu, 'z').replace('z', '/share/')),
      tag: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,35}$/),
      read_only: fc.boolean(),
    },
    { requiredKeys: ['source', 'tag'] },
  ),
  { selector: ({ tag }) => tag, maxLength: 3 },
);

const watchdog = fc.oneof(
  fc.constantFrom(...WATCHDOG_ACTIONS),
  fc.record({ action: fc.constantFrom(...WATCHDOG_ACTIONS) }),
);

const dataDisks = fc.uniqueArray(
  fc.record({
    device: fc.constantFrom(...Array.from('bcdefghijklmnopqrstuvwxyz', (letter) => `vd${letter}`)),
    size_gb: fc.integer({ min: 1, max: 2 ** 21 }),
  }),
  { selector: ({ device }) => device, maxLength: 6 },
);

const bootDisk = fc.record(
  {
    size_gb: fc.integer({ min: 1, max: 2 ** 21 }),
    image,
    format: fc.constantFrom('qcow2', 'raw'),
    io_limits: ioLimits,
  },
  { requiredKeys: ['size_gb', 'image'] },
);

const cloudInit = fc.record(
  {
    fqdn,
    ssh_keys: fc.array(sshKey, { maxLength: 5 }),
    root_password_hash: hash,
    ssh_pwauth: fc.boolean(),
    users: fc.uniqueArray(user, { selector: ({ name: its }) => its, maxLength: 3 }),
    packages: fc.array(fc.constantFrom('nginx', 'a.b+c', 'no', '7zip', 'x=1:2~3'), { maxLength: 3 }),
    write_files: fc.uniqueArray(writtenFile, { selector: ({ path }) => path, maxLength: 3 }),
    runcmd: fc.array(fc.oneof(command, fc.array(command, { minLength: 1, maxLength: 3 })), { maxLength: 3 }),
    timezone: fc.constantFrom('UTC', 'Europe/Vienna', 'No/Where'),
    bus: fc.constantFrom('scsi', 'virtio', 'sata'),
  },
  { requiredKeys: [] },
);

const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9_.:/-]{0,20}[a-z0-9])?$/);

/** Without what others depend on. */
const plain = fc.record(
  {
    name,
    vcpus: fc.integer({ min: 1, max: 4096 }),
    memory_gib: fc.integer({ min: 1, max: 65_536 }),
    boot_disk: fc.oneof(
      { weight: 3, arbitrary: bootDisk },
      {
        weight: 1,
        arbitrary: fc.record({ empty: fc.constant(true), size_gb: fc.integer({ min: 1, max: 99 }) }),
      },
    ),
    network_interfaces: fc.uniqueArray(networkInterface, {
      selector: ({ ip }) => ip.split('/')[0],
      minLength: 1,
      maxLength: 5,
    }),
    data_disks: dataDisks,
    cloud_init: cloudInit,
    cpu_mode: fc.constantFrom(...CPU_MODES),
    autostart: fc.boolean(),
    on_crash: fc.constantFrom(...ON_CRASH),
    firmware: fc.constantFrom('uefi', 'bios'),
    virt_type: fc.constantFrom('kvm', 'qemu'),
    description: lines,
    tags: fc.uniqueArray(label, { maxLength: 3 }),
    fleet: label,
    group: label,
    machine: fc.constantFrom('q35', 'pc', 'pc-q35-7.2'),
    tpm: fc.boolean(),
    secure_boot: fc.constantFrom(false, false, false, true),
    watchdog,
    iothreads: fc.integer({ min: 1, max: 64 }),
    fw_cfg: fwCfg,
    shares,
  },
  { requiredKeys: ['name', 'vcpus', 'memory_gib', 'boot_disk', 'network_interfaces'] },
);

const laidOut: fc.Arbitrary<Config> = fc.oneof(
  { weight: 2, arbitrary: plain },
  {
    weight: 1,
    arbitrary: plain.chain((config) =>
      layoutFor(config.vcpus, config.memory_gib).map((layout) => withLayout(config, layout)),
    ),
  },
);

/** Nearly always a VM that plow can make. */
const sound: fc.Arbitrary<Config> = fc
  .tuple(laidOut, media, screens, provisioned)
  .map(([vm, drive, screen, inItsWords]) => ({ ...inItsWords(vm), ...drive, ...screen }));

/** Who names a model says no mode besides. */
function withLayout({ cpu_mode: mode, ...config }: Config, layout: Config): Config {
  const { cpu } = layout as { readonly cpu?: { readonly mode?: string } };
  const isSaid = mode === undefined || cpu?.mode !== undefined;
  return { ...config, ...(isSaid ? {} : { cpu_mode: mode }), ...layout };
}

const wildText = fc.oneof(
  anyText,
  fc.constantFrom(...FORBIDDEN),
  fc.string({ unit: 'binary', maxLength: 2000 }),
);

const wild: fc.Arbitrary<unknown> = fc.oneof(
  wildText,
  fc.double(),
  fc.maxSafeInteger(),
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom(null, true, -0, Number.POSITIVE_INFINITY, '', [], {}),
);

/** The config with one value replaced, somewhere in it, or one key more. */
const spoilt: fc.Arbitrary<Config> = fc
  .tuple(sound, fc.nat(), fc.oneof(fc.constant(undefined), wildText), wild)
  .map(([config, place, key, value]) => {
    const keys = Object.keys(config);
    const outer = keys[place % keys.length] ?? 'name';
    const inner = config[outer];
    const inside = typeof inner === 'object' && inner !== null && place % 2 === 0;
    if (!inside) return withKey(config, key ?? outer, value);
    const innerKey = key ?? Object.keys(inner)[0] ?? '0';
    return withKey(config, outer, Array.isArray(inner) ? [value, ...inner] : withKey(inner, innerKey, value));
  });

/** As fromEntries does it: also a key `__proto__` is one of its own. */
function withKey(map: object, key: string, value: unknown): Config {
  return Object.fromEntries([...Object.entries(map), [key, value]]);
}

export const config: fc.Arbitrary<Config> = fc.oneof(
  { weight: 7, arbitrary: sound },
  { weight: 2, arbitrary: spoilt },
  { weight: 1, arbitrary: fc.dictionary(wildText, wild, { maxKeys: 6 }) },
);

/** The ways in which people and programs write YAML. */
export const writer: fc.Arbitrary<(content: Config) => string> = fc.constantFrom(
  (content: Config) => stringify(content),
  (content: Config) => stringify(content, { defaultStringType: 'QUOTE_DOUBLE', lineWidth: 40 }),
  (content: Config) => stringify(content, { defaultStringType: 'QUOTE_SINGLE', indent: 4 }),
  (content: Config) => stringify(content, { collectionStyle: 'flow', lineWidth: 20 }),
  (content: Config) => JSON.stringify(content),
  (content: Config) => `\ufeff---\r\n${stringify(content).replaceAll('\n', '\r\n')}`,
);
