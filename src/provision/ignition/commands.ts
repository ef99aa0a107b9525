import type { Provisioning } from '../../config/machine.ts';
import type { NodeFile } from './files.ts';

export const COMMANDS_UNIT = 'plow-runcmd.service';
const COMMANDS_FILE = '/etc/plow/runcmd.sh';
const ONLY_ROOT = 0o700;

/** How the script begins. Whatever comes of the commands, they are not run again. */
const COMMANDS_HEAD = `#!/bin/sh
# Made by plow: the commands of the VM file, once.
trap 'touch /var/lib/plow-runcmd.done' EXIT
`;

/** By a shell, and not by itself: with SELinux what lies in /etc is no program. */
export const COMMANDS_UNIT_TEXT = `[Unit]
Description=Commands of the VM file, once
Wants=network-online.target
After=network-online.target
ConditionPathExists=!/var/lib/plow-runcmd.done

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh ${COMMANDS_FILE}

[Install]
WantedBy=multi-user.target
`;

type Command = Provisioning['runCommands'][number];

/** A script of the commands. Before each stands what it is made of, by which it can be read back. */
export function commandsFile(commands: readonly Command[]): NodeFile {
  return { path: COMMANDS_FILE, mode: ONLY_ROOT, text: `${COMMANDS_HEAD}${commands.map(piece).join('')}` };
}

function piece(command: Command): string {
  if (typeof command !== 'string')
    return `# words: ${JSON.stringify(command)}\n${command.map(quoted).join(' ')}\n`;
  return `# lines: ${command.split('\n').length}\n${command}\n`;
}

/** Always in quotes: `A=b` without them is no word of a command. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
