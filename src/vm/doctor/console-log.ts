import { daemonName } from '../daemon.ts';
import { RESTART_SESSION } from './restart.ts';
import type { Examination, Finding } from './finding.ts';
import { ELSEWHERE, ok, unknown, warning } from './finding.ts';

const HANDLER = /^[ \t]*stdio_handler[ \t]*=[ \t]*["'](?<handler>\w*)["']/mu;

/** Whether anything bounds what the console of a guest writes to its log. */
export async function checkConsoleLog({ context }: Examination): Promise<Finding> {
  const { isSession, local, places } = context.hypervisor;
  if (local === undefined || places === undefined) return ELSEWHERE;
  const { qemuConf } = places;
  // Of a session there is none, unless its user has written one.
  const isDefault = isSession && (await local.look(qemuConf)) === 'ENOENT';
  const text = isDefault ? '' : await local.read(qemuConf);
  if (text === undefined) return unknown(`${qemuConf} cannot be read`);
  const handler = HANDLER.exec(text)?.groups?.['handler'] ?? 'logd';
  if (handler !== 'file') return ok('virtlogd bounds the logs of consoles');
  return warning('console-log-unbounded', {
    text: `nothing bounds the logs of consoles, and a guest can fill the disk: ${qemuConf} has stdio_handler = "file"`,
    repair: `write stdio_handler = "logd" there, ${isSession ? RESTART_SESSION : `restart ${await daemonName(local)}`}, and stop and start the VMs`,
  });
}
