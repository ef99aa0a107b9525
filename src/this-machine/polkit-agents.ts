import { readdirSync, readFileSync, statSync } from 'node:fs';

/** As much of a program's name as Linux keeps: polkit-kde-authentication-agent-1, lxqt-policykit-agent. */
const AGENT = /^(?!polkitd)(?:.*polkit|.*policykit|pkttyagent)/u;

/** Whether a program of this user is there that would ask for a password on behalf of polkit. */
export function hasPolkitAgent(): boolean {
  try {
    const own = statSync('/proc/self').uid;
    return readdirSync('/proc').some((pid) => /^\d+$/u.test(pid) && isAgent(`/proc/${pid}`, own));
  } catch {
    return false;
  }
}

function isAgent(directory: string, own: number): boolean {
  try {
    return statSync(directory).uid === own && AGENT.test(readFileSync(`${directory}/comm`, 'utf8').trimEnd());
  } catch {
    // It has ended.
    return false;
  }
}
