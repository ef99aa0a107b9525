import type { OutputFormat } from '../../options/output.ts';
import type { Environment } from '../../environment.ts';
import type { GlobalOptions } from '../../record/command.ts';
import type { BatchFormat } from '../../run/batch/batch.ts';
import { areSeveral } from '../../run/hosts/several.ts';
import { knownImages } from '../../settings/images.ts';
import { allSettingsOf, onlyOne } from '../../settings/settings.ts';
import type { Settings } from '../../settings/settings.ts';
import type { AddressGuard } from '../../../vm/address-guard.ts';
import type { GateOptions } from './gate/gate-wish.ts';
import type { CopyOptions } from './hosts/copy.ts';
import type { PullOptions } from './web/wanted.ts';

/** Options of all that `plow image` does. */
export interface ImageOptions extends OutputFormat, PullOptions, GateOptions, CopyOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly forceAddress?: boolean;
  readonly quiet?: boolean;
  readonly imagesLock?: string;
  readonly check?: boolean;
  readonly gate?: boolean;
}

/** A call of `plow image <action> [image...]`. */
export interface ImageCall {
  readonly words: readonly string[];
  readonly options: ImageOptions;
  readonly format: BatchFormat;
  readonly globals: GlobalOptions;
  readonly environment: Environment;
}

/** What `plow image` can do. */
export interface ImageActionRecord {
  /** What it works on, for whoever names nothing; undefined: it takes no names. */
  readonly wants: string | undefined;
  /** Whoever names nothing means all. */
  readonly isContent?: boolean;
  /** Options that others do not take. */
  readonly options: readonly (keyof ImageOptions)[];
  /** @throws PlowError, Interrupted */
  readonly run: (call: ImageCall) => Promise<void>;
}

/** Of the one hypervisor. @throws PlowError (config) */
async function settingsOf({ globals, environment }: ImageCall): Promise<Settings> {
  return onlyOne(await allSettingsOf(globals, environment, 'a place for VMs'));
}

/** What keeps the address of a throw-away VM. @throws PlowError (config) */
async function guardOf(
  { options, globals, environment }: ImageCall,
  settings: Settings,
): Promise<AddressGuard> {
  const { addressGuards } = await import('../../run/address-guard.ts');
  return (await addressGuards(globals, environment, options.forceAddress))(settings);
}

const AN_IMAGE = 'the name of an image';

/** By name, as `--help` lists them. */
export const ACTIONS = {
  pull: {
    wants: 'a name or a URL',
    options: ['name', 'checksum', 'imageVersion', 'insecure', 'dryRun', 'imagesLock'],
    async run(call) {
      const { words, options, format, globals, environment } = call;
      const all = await allSettingsOf(globals, environment, 'a place for VMs');
      const known = await knownImages(globals, environment);
      const wish = { ...options, format, known };
      if (areSeveral(all)) {
        const { runImagePullOnHosts } = await import('./hosts/pull.ts');
        await runImagePullOnHosts(words, wish, all, environment);
        return;
      }
      const { runImagePull } = await import('./pull.ts');
      await runImagePull(words, wish, onlyOne(all), environment);
    },
  },
  copy: {
    wants: AN_IMAGE,
    options: ['from', 'to'],
    async run({ words, options, format, globals, environment }) {
      const { copyPlaces, runImageCopy } = await import('./hosts/copy.ts');
      const places = await copyPlaces(options, globals, environment);
      await runImageCopy(words, format, places, environment);
    },
  },
  import: {
    wants: 'a file of this machine',
    options: ['name', 'checksum', 'imageVersion'],
    async run(call) {
      const { words, options, format, environment } = call;
      const settings = await settingsOf(call);
      const { runImageImport } = await import('./import.ts');
      await runImageImport(words, { ...options, format }, settings, environment);
    },
  },
  list: {
    wants: undefined,
    options: [],
    async run({ format, globals, environment }) {
      const all = await allSettingsOf(globals, environment, 'a place for VMs');
      if (areSeveral(all))
        return (await import('./hosts/look.ts')).runImageListOnHosts(format, all, environment);
      return (await import('./list.ts')).runImageList(format, onlyOne(all), environment);
    },
  },
  outdated: {
    wants: undefined,
    options: [],
    async run(call) {
      const settings = await settingsOf(call);
      const { runImageOutdated } = await import('./outdated.ts');
      await runImageOutdated(call.format, settings, call.environment);
    },
  },
  catalog: {
    wants: undefined,
    options: [],
    async run({ format, globals, environment }) {
      const { runImageCatalog } = await import('./catalog.ts');
      await runImageCatalog(format, await knownImages(globals, environment), environment);
    },
  },
  verify: {
    wants: AN_IMAGE,
    options: [],
    async run({ words, format, globals, environment }) {
      const all = await allSettingsOf(globals, environment, 'a place for VMs');
      if (areSeveral(all))
        return (await import('./hosts/look.ts')).runImageVerifyOnHosts(words, format, all, environment);
      return (await import('./verify.ts')).runImageVerify(words, format, onlyOne(all), environment);
    },
  },
  export: {
    wants: AN_IMAGE,
    options: [],
    async run(call) {
      const settings = await settingsOf(call);
      const { runImageExport } = await import('./export.ts');
      await runImageExport(call.words, call.format, settings, call.environment);
    },
  },
  gate: {
    wants: AN_IMAGE,
    options: ['ip', 'bridge', 'gateway', 'memory', 'firmware', 'timeout', 'keep', 'forceAddress'],
    async run(call) {
      const { words, options, format, globals, environment } = call;
      const settings = await settingsOf(call);
      const { runImageGate } = await import('./gate/gate.ts');
      const guard = await guardOf(call, settings);
      const known = await knownImages(globals, environment);
      await runImageGate(words, { format, options, known, guard }, settings, environment);
    },
  },
  remove: {
    wants: AN_IMAGE,
    options: ['yes'],
    async run(call) {
      const { words, options, format, environment } = call;
      const settings = await settingsOf(call);
      const { runImageRemove } = await import('./remove.ts');
      await runImageRemove(words, { format, isSure: options.yes === true }, settings, environment);
    },
  },
  prune: {
    wants: undefined,
    options: ['yes'],
    async run(call) {
      const { options, format, environment } = call;
      const settings = await settingsOf(call);
      const { runImagePrune } = await import('./remove.ts');
      await runImagePrune({ format, isSure: options.yes === true }, settings, environment);
    },
  },
  update: {
    wants: AN_IMAGE,
    isContent: true,
    options: [
      'dryRun',
      'imagesLock',
      'check',
      'gate',
      'ip',
      'bridge',
      'gateway',
      'memory',
      'firmware',
      'timeout',
      'forceAddress',
    ],
    async run(call) {
      const { words, options, format, globals, environment } = call;
      const known = await knownImages(globals, environment);
      const { gate: isGated = false, ...others } = options;
      const how = { ...others, format, known };
      if (!isGated) (await import('./gate/gate-wish.ts')).assertGated(options);
      if (options.check === true) {
        const { runImageCheck } = await import('./lock/check.ts');
        return runImageCheck(words, how, environment, globals.verbose === true);
      }
      const settings = await settingsOf(call);
      const { runImageUpdate } = await import('./lock/update.ts');
      if (!isGated) return runImageUpdate(words, how, settings, environment);
      const { updateGate } = await import('./gate/update-gate.ts');
      const guard = await guardOf(call, settings);
      const gate = updateGate(options, { known, guard }, settings, environment);
      await runImageUpdate(words, { ...how, gate }, settings, environment);
    },
  },
} satisfies Readonly<Record<string, ImageActionRecord>>;

export type ImageAction = keyof typeof ACTIONS;
