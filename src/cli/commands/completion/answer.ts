import { setTimeout as sleep } from 'node:timers/promises';
import { listNames } from '../../../vm/list/list.ts';
import { complete } from './complete.ts';
import type { Completion } from './complete.ts';
import type { Environment } from '../../environment.ts';
import type { ProgramRecord } from '../../record/command.ts';
import type { Candidate } from '../../record/command.ts';
import { withHypervisor } from '../../run/session.ts';
import { settingsFileOf } from '../../settings/files.ts';
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
  const names = await vmNames(completion, words.at(-1) ?? '', environment);
  const hosts = await hostNames(completion, environment).catch((): readonly string[] => []);
  for (const line of [...completion.candidates.map(lineOf), ...hosts, ...names, ...hint(completion)])
    environment.output.print(line);
}

/** Nobody is connected to. */
async function hostNames({ hosts }: Completion, environment: Environment): Promise<readonly string[]> {
  if (hosts === undefined) return [];
  const { '--config': config } = hosts.options;
  const file = await settingsFileOf(config === undefined ? {} : { config }, environment);
  const known = Object.entries(file?.values.hosts ?? {});
  const labels = new Set(known.flatMap(([, { labels: own = [] }]) => own.map((label) => `label:${label}`)));
  const names = known.filter(([, { enabled }]) => enabled !== false).map(([name]) => name);
  const end = hosts.current.lastIndexOf(',') + 1;
  const before = hosts.current.slice(0, end);
  const taken = before.split(',');
  return [...names, ...labels]
    .filter((name) => name.startsWith(hosts.current.slice(end)) && !taken.includes(name))
    .map((name) => `${hosts.prefix}${before}${name}`);
}

function lineOf({ word, about }: Candidate): string {
  return about === undefined ? word : `${word}\t${about}`;
}

function hint({ files }: Completion): readonly string[] {
  if (files === undefined) return [];
  return files === 'directories' ? [`${HINT}directories`] : [`${HINT}files ${files.join(' ')}`];
}

async function vmNames(
  { vms }: Completion,
  current: string,
  environment: Environment,
): Promise<readonly string[]> {
  if (vms === undefined) return [];
  const asking = async (): Promise<readonly string[]> => {
    const { '--connect': connect, '--config': config, '--host': host } = vms.options;
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
  return names.filter(
    (name) => name.startsWith(current) && !vms.taken.includes(name) && !/[\p{C}\p{Zl}\p{Zp}]/u.test(name),
  );
}
