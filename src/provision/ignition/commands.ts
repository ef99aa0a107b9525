import type { Provisioning } from '../../config/machine.ts';
import { COMMANDS_FILE } from '../../config/values/guest-names.ts';
import type { NodeFile } from './files.ts';

export const COMMANDS_UNIT = 'plow-runcmd.service';
const ONLY_ROOT = 0o700;

/**
 * How the script begins. Whatever comes of the commands, be it a restart, they are not run again; where that
 * cannot be written down, they are not run at all.
 */
const COMMANDS_HEAD = `#!/bin/sh
# Made by plow: the commands of the VM file, once.
touch /var/lib/plow-runcmd.done && sync || exit 1
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

/** The commands of such a script; undefined where it is not one of plow's. */
export function readCommands(script: string): readonly Command[] | undefined {
  if (!script.startsWith(COMMANDS_HEAD)) return undefined;
  const lines = script.slice(COMMANDS_HEAD.length).split('\n');
  const commands: Command[] = [];
  while (lines.length > 1) {
    const head = lines.shift() ?? '';
    const count = /^# lines: (?<count>\d{1,6})$/u.exec(head)?.groups?.['count'];
    const words = count === undefined ? wordsIn(head) : undefined;
    if (count === undefined && words === undefined) return undefined;
    const text = lines.splice(0, words === undefined ? Number(count) : linesOf(words)).join('\n');
    commands.push(words ?? text);
  }
  return commandsFile(commands).text === script ? commands : undefined;
}

function linesOf(words: readonly string[]): number {
  return words.join('').split('\n').length;
}

function wordsIn(head: string): readonly string[] | undefined {
  if (!head.startsWith('# words: [')) return undefined;
  try {
    const value: unknown = JSON.parse(head.slice('# words: '.length));
    return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}
