import { setTimeout as sleep } from 'node:timers/promises';
import { listNames } from '../../../vm/list/list.ts';
import type { SettingsFile } from '../../../config/settings/load.ts';
import { complete, matchingLast } from './complete.ts';
import type { Completion } from './complete.ts';
import type { Environment } from '../../environment.ts';
import type { ProgramRecord } from '../../record/command.ts';
import type { Candidate } from '../../record/command.ts';
import { withHypervisor } from '../../run/session.ts';
import { settingsFileOf } from '../../settings/files.ts';
import { enabled } from '../../settings/hosts.ts';
import { settingsOf } from '../../settings/settings.ts';

/**
 * Unit separator of ASCII: names with control characters are not offered, so that no name passes for a hint.
 */
const HINT = '\u001F';

/** Of this machine; one with parameters is no file's that others may have written. */
const UNIX_SOCKET = /^[a-z]+(?:\+unix)?:\/\/\//u;

/**
 * From the start of the process: what a person waits for with a finger on the key. A libvirtd of this machine
 * answers in a tenth of it; the rest is for one at the end of an ssh connection, and for machines that are
 * busy.
 */
const WITHIN_MS = 500;

/**
 * Answers a completion script: a line for each candidate, with a tab before what it is about; a line that
 * begins with HINT, which no candidate has in it, has the shell offer files or directories. Whatever fails
 * offers nothing: an error would spoil the line that is typed.
 */
export async function answerCompletion(
  words: readonly string[],
  program: ProgramRecord,
  environment: Environment,
): Promise<void> {
  const completion = await complete(program, words).catch((): Completion => ({ candidates: [] }));
  const { known, names } = await offered(completion, words.at(-1) ?? '', environment);
  for (const line of [...completion.candidates.map(lineOf), ...known, ...names, ...hint(completion)])
    environment.output.print(line);
}

/** Hosts of the settings, for which nobody is connected to, and VMs. */
async function offered(
  { hosts, vms }: Completion,
  current: string,
  environment: Environment,
): Promise<{ readonly known: readonly string[]; readonly names: readonly string[] }> {
  if (hosts !== undefined) {
    return { known: hostNames(hosts, await hostsOf(hosts.options, environment)), names: [] };
  }
  if (vms === undefined) return { known: [], names: [] };
  const all = await hostsOf(vms.options, environment);
  const { user = '', host = '' } = /^(?<user>[^@:]*@)?(?<host>[^:@]+):/u.exec(current)?.groups ?? {};
  if (Object.hasOwn(all, host)) {
    const options = { '--config': vms.options['--config'], '--host': host };
    return { known: [], names: await vmNames({ ...vms, options }, `${user}${host}:`, current, environment) };
  }
  const names = await vmNames(vms, '', current, environment);
  const isNamed = vms.options['--host'] !== undefined || vms.options['--connect'] !== undefined;
  const open = isNamed ? [] : enabled(all).map((name) => `${name}:`);
  return { known: open.filter((name) => name.startsWith(current)), names };
}

type Vms = NonNullable<Completion['vms']>;
type Options = Vms['options'];

async function hostsOf(
  { '--config': config }: Options,
  environment: Environment,
): Promise<NonNullable<SettingsFile['values']['hosts']>> {
  const reading = settingsFileOf(config === undefined ? {} : { config }, environment);
  return (await reading.catch(() => undefined))?.values.hosts ?? {};
}

function hostNames(
  { current, prefix }: NonNullable<Completion['hosts']>,
  all: Awaited<ReturnType<typeof hostsOf>>,
): readonly string[] {
  const labels = Object.values(all).flatMap(({ labels: own = [] }) => own.map((label) => `label:${label}`));
  const words = [...enabled(all), ...new Set(labels)].map((word) => ({ word }));
  return matchingLast(words, current).map(({ word }) => `${prefix}${word}`);
}

function lineOf({ word, about }: Candidate): string {
  return about === undefined ? word : `${word}\t${about}`;
}

function hint({ files }: Completion): readonly string[] {
  if (files === undefined) return [];
  return files === 'directories' ? [`${HINT}directories`] : [`${HINT}files ${files.join(' ')}`];
}

/** @param before each name, as it is typed: `hv2:` */
async function vmNames(
  { options: { '--connect': connect, '--config': config, '--host': host }, taken }: Vms,
  before: string,
  current: string,
  environment: Environment,
): Promise<readonly string[]> {
  const asking = async (): Promise<readonly string[]> => {
    const options = {
      ...(connect === undefined ? {} : { connect }),
      ...(config === undefined ? {} : { config }),
      ...(host === undefined ? {} : { host }),
    };
    const settings = await settingsOf(options, environment, 'the connection');
    // Nobody has asked for a connection yet, and one over a network may run ssh.
    if (settings.isForeignUri && !UNIX_SOCKET.test(settings.uri)) return [];
    return withHypervisor(
      settings,
      environment,
      (hypervisor) => listNames(hypervisor, { all: true }),
      'read-only',
    );
  };
  // A machine that was slow to start plow will be slow to connect as well.
  const elapsed = performance.now();
  const within = Math.max(WITHIN_MS - elapsed, Math.min(elapsed, WITHIN_MS));
  const names = await Promise.race([asking().catch((): readonly string[] => []), sleep(within, [])]);
  // Nobody can type a control character, or a mark that turns text; and one would end the line of an answer.
  return names
    .map((name) => `${before}${name}`)
    .filter(
      (name) => name.startsWith(current) && !taken.includes(name) && !/[\p{C}\p{Zl}\p{Zp}]/u.test(name),
    );
}
