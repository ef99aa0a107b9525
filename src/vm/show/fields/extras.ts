import { IO_LIMITS } from '../../../config/machine/extras.ts';
import type { Extras, FwCfgFile, IoLimits, Watchdog } from '../../../config/machine/extras.ts';
import { sharesText, shareText } from '../../../config/machine/share.ts';
import type { Share } from '../../../config/machine/share.ts';
import { compared, each, json, jsonOrNull, partsOrNull } from './field.ts';
import type { Key, VmField } from './field.ts';

const FW_CFG: readonly Key<FwCfgFile>[] = [
  { key: 'name', json: json('string', ({ name }) => name) },
  { key: 'file', json: json('string', ({ file }) => file, 'on the hypervisor') },
];

const WATCHDOG: readonly Key<Watchdog>[] = [
  { key: 'model', json: json('string', ({ model }) => model) },
  { key: 'action', json: json('string', ({ action }) => action) },
];

const SHARE: readonly Key<Share>[] = [
  { key: 'source', json: json('string', ({ source }) => source, 'on the hypervisor') },
  { key: 'tag', json: json('string', ({ tag }) => tag, 'what the guest mounts it by') },
  { key: 'read_only', json: json('boolean', ({ isReadOnly }) => isReadOnly) },
];

/** What few VMs have: a line each, and none where a VM has it not. */
export const EXTRA_FIELDS: readonly VmField[] = [
  {
    key: 'secure_boot',
    json: json('boolean', ({ facts }) => facts.extras.hasSecureBoot),
    lines: ({ facts }) => [['Secure Boot', facts.extras.hasSecureBoot ? 'yes' : undefined]],
    declared: json('boolean', ({ hasSecureBoot }) => hasSecureBoot),
    declaredLines: ({ hasSecureBoot }) => [['Secure Boot', hasSecureBoot ? 'yes' : undefined]],
    compare: comparedExtra(({ hasSecureBoot }) => hasSecureBoot),
    word: 'Secure Boot',
  },
  {
    key: 'tpm',
    json: json('boolean', ({ facts }) => facts.extras.hasTpm, 'a TPM 2.0 that swtpm plays'),
    lines: ({ facts }) => [['TPM', facts.extras.hasTpm ? '2.0, emulated' : undefined]],
    declared: json('boolean', ({ hasTpm }) => hasTpm),
    declaredLines: ({ hasTpm }) => [['TPM', hasTpm ? '2.0, emulated' : undefined]],
    compare: comparedExtra(({ hasTpm }) => hasTpm),
    word: 'TPM',
  },
  {
    key: 'watchdog',
    json: partsOrNull(WATCHDOG, ({ facts }) => facts.extras.watchdog),
    lines: ({ facts }) => [['Watchdog', watchdogText(facts.extras)]],
    declared: partsOrNull(WATCHDOG, ({ watchdog }) => watchdog),
    declaredLines: (made) => [['Watchdog', watchdogText(made)]],
    compare: comparedExtra((extras) => watchdogText(extras) ?? null),
  },
  {
    key: 'iothreads',
    json: jsonOrNull('integer', ({ facts }) => facts.extras.ioThreads, 'null: none of their own for disks'),
    lines: ({ facts }) => [['I/O threads', facts.extras.ioThreads?.toString()]],
    declared: jsonOrNull('integer', ({ ioThreads }) => ioThreads),
    declaredLines: ({ ioThreads }) => [['I/O threads', ioThreads?.toString()]],
    compare: comparedExtra(({ ioThreads }) => ioThreads ?? null),
    word: 'I/O threads',
  },
  {
    key: 'fw_cfg',
    json: each(FW_CFG, ({ facts }) => facts.extras.fwCfg, 'files that the guest reads by name'),
    lines: ({ facts }) => fwCfgLines(facts.extras),
    declared: each(FW_CFG, ({ fwCfg }) => fwCfg),
    declaredLines: fwCfgLines,
    compare: comparedExtra((extras) => fwCfgText(extras) ?? null),
  },
  {
    key: 'shares',
    json: each(SHARE, ({ facts }) => facts.extras.shares, 'directories that the guest mounts'),
    lines: ({ facts }) => shareLines(facts.extras),
    declared: each(SHARE, ({ shares }) => shares),
    declaredLines: shareLines,
    compare: comparedExtra(({ shares }) => sharesText(shares) ?? null),
  },
];

function comparedExtra(
  value: (extras: Extras) => string | number | boolean | null,
): NonNullable<VmField['compare']> {
  return compared(({ extras }) => value(extras), value);
}

function watchdogText({ watchdog }: Extras): string | undefined {
  return watchdog && `${watchdog.model}, ${watchdog.action}`;
}

function fwCfgLines({ fwCfg }: Extras): readonly (readonly [string, string])[] {
  return fwCfg.map(({ name, file }) => ['fw_cfg', `${name} from ${file}`]);
}

function shareLines({ shares }: Extras): readonly (readonly [string, string])[] {
  return shares.map((share) => ['Share', shareText(share)]);
}

function fwCfgText({ fwCfg }: Extras): string | undefined {
  return fwCfg.length === 0 ? undefined : fwCfg.map(({ name, file }) => `${name}=${file}`).join(' ');
}

/** In documents, as in a VM file. */
export const IO_LIMIT_KEYS: readonly Key<IoLimits>[] = IO_LIMITS.map(({ field, key }) => ({
  key,
  json: jsonOrNull('number', (limits: IoLimits) => limits[field]),
}));
