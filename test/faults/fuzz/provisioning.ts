import * as fc from 'fast-check';

type Keys = Readonly<Record<string, unknown>>;

interface Seed extends Keys {
  readonly packages?: unknown;
  readonly bus?: unknown;
  readonly write_files?: readonly { readonly permissions?: string }[];
}

/** What a file says under `cloud_init`, said under `provisioning`. */
function byCloudInit({ cloud_init: seed, ...config }: Keys, isNamed: boolean, words: Keys): Keys {
  if (seed === undefined) return config;
  const { bus, ...guest } = seed as Seed;
  const format = isNamed ? { format: 'cloud-init' } : {};
  return {
    ...config,
    provisioning: { ...format, ...guest, ...words, ...(bus === undefined ? {} : { cloud_init: { bus } }) },
  };
}

/** What `cloud_init` has no word for. */
const cloudInitWords = fc.record({ console_autologin: fc.constant('root') }, { requiredKeys: [] });

/** What is not the default: that an export leaves out. */
const ignitionWords = fc.record(
  {
    network: fc.constant('networkd'),
    console_autologin: fc.constant('root'),
    login_user: fc.constant('root'),
    ignition: fc.record(
      { fw_cfg_name: fc.stringMatching(/^opt\/[a-z][a-z0-9.-]{0,10}\/[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

/** The same by Ignition, as far as that has the words; paths with a way round stay, and are refused. */
function byIgnition({ cloud_init: seed = {}, ...config }: Keys, words: Keys): Keys {
  const { packages: _, bus: __, write_files: files, ...guest } = seed as Seed;
  const written = files?.map((file) => ({
    ...file,
    ...(file.permissions === undefined ? {} : { permissions: `0${file.permissions.slice(-3)}` }),
  }));
  const provisioning = {
    format: 'ignition',
    ...guest,
    ...(written === undefined ? {} : { write_files: written }),
    ...words,
  };
  return { ...config, provisioning };
}

/** Where an image sets up its guest by itself. */
function byNothing(config: Keys): Keys {
  const others = Object.entries(config).filter(([key]) => key !== 'cloud_init');
  return { ...Object.fromEntries(others), provisioning: { format: 'none' } };
}

/** In whose words a file says what sets up its guest. */
export const provisioned: fc.Arbitrary<(config: Keys) => Keys> = fc.oneof(
  { weight: 3, arbitrary: fc.constant((config: Keys) => config) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.boolean(), cloudInitWords).map(
      ([isNamed, words]) =>
        (config: Keys) =>
          byCloudInit(config, isNamed, words),
    ),
  },
  { weight: 1, arbitrary: fc.constant(byNothing) },
  { weight: 3, arbitrary: ignitionWords.map((words) => (config: Keys) => byIgnition(config, words)) },
);
