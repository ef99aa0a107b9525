import { CommanderError } from 'commander';
import type { Command } from 'commander';
import { PlowError } from '../errors/plow-error.ts';
import { printable } from '../text/printable.ts';
import { addCompletion } from './commands/completion/command.ts';
import { addConfig } from './commands/config/command.ts';
import { addCreate } from './commands/create/command.ts';
import { addDestroy } from './commands/destroy/command.ts';
import { addDoctor } from './commands/doctor/command.ts';
import type { ColourOption, Environment } from './environment.ts';
import { EXIT_CODE_TABLE } from './options/exit-codes.ts';
import { addExport } from './commands/export/command.ts';
import { GLOBAL_OPTIONS, toOption } from './options/global.ts';
import { addHelp } from './commands/help/command.ts';
import { addList } from './commands/list/command.ts';
import { addSchema } from './commands/schema/command.ts';
import { addShow } from './commands/show/command.ts';
import { PlowCommand } from './usage/errors.ts';
import { addValidate } from './commands/validate/command.ts';
import { addVersion } from './commands/version/command.ts';
import { wantsDocument } from './options/wants-document.ts';

const USAGE_ERROR = 1;

function exitCodeLines(): string {
  return EXIT_CODE_TABLE.map(({ code, meaning }) => `  ${code}  ${meaning}`).join('\n');
}

/** Runs a command line. @returns the exit code, but of what is thrown @throws PlowError, Interrupted */
export async function runCli(argv: readonly string[], environment: Environment): Promise<number> {
  let exitCode = 0;
  const forPrograms = wantsDocument(argv);
  const refusal: string[] = [];
  const refuse = (text: string): void =>
    void (forPrograms ? refusal.push(text) : environment.output.say(text));
  const program = buildProgram(environment, (code) => void (exitCode = code), refuse);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0 && forPrograms) throw refused(refusal);
    return error.exitCode === 0 ? 0 : USAGE_ERROR;
  }
}

/** What commander said of a command line, with the word of where help is. */
function refused(texts: readonly string[]): PlowError {
  const [message = '', ...rest] = texts.join('\n').split('\n');
  const hint = rest.map((line) => line.replace(/^\((.*)\)$/u, '$1')).filter((line) => line !== '');
  return new PlowError(
    'config',
    message.replace(/^error: /u, ''),
    hint.length > 0 ? { hint: hint.join(' ') } : {},
  );
}

/** @param refuse takes what is said of a command line that is refused */
export function buildProgram(
  environment: Environment,
  endWith: (exitCode: number) => void,
  refuse: (text: string) => void = (text) => environment.output.say(text),
): Command {
  const { output, version, columns } = environment;
  const program = new PlowCommand('plow')
    .description(
      'Turns a YAML file into a running VM on a libvirt hypervisor, and takes it away again without a trace.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .hook('preAction', (_program, command) => {
      const { color = 'auto' } = command.optsWithGlobals<{ color?: ColourOption }>();
      environment.setColour(color);
    })
    .configureHelp({
      showGlobalOptions: true,
      minWidthToWrap: 20,
      ...(columns === undefined ? {} : { helpWidth: columns }),
    })
    .configureOutput({
      writeOut: (text) => output.print(text.trimEnd()),
      writeErr: (text) => refuse(text.trimEnd().split('\n').map(printable).join('\n')),
    })
    .showSuggestionAfterError(false)
    .addHelpText(
      'after',
      `
Examples:
  plow create examples/simple-vm.yaml
  plow validate vms/*.yaml
  plow list --all
  plow show my-vm
  plow destroy my-vm
  plow export my-vm > my-vm.yaml
  plow -c qemu+ssh://root@hv2/system list
  plow -c qemu+ssh://root@hv2/system doctor
  plow --storage-path /srv/vms create vm.yaml
  plow --config team.yaml create vm.yaml
  plow --verbose create vm.yaml
  plow --color always list --all | less -R

Exit codes:
${exitCodeLines()}`,
    )
    .exitOverride();
  for (const option of GLOBAL_OPTIONS) program.addOption(toOption(option));
  program.commandsGroup('VMs:');
  addCreate(program, environment);
  addDestroy(program, environment);
  addList(program, environment, endWith);
  addShow(program, environment);
  program.commandsGroup('Files and hypervisors:');
  addValidate(program, environment, endWith);
  addExport(program, environment, endWith);
  addSchema(program, environment);
  addDoctor(program, environment, endWith);
  program.commandsGroup('plow itself:');
  addConfig(program, environment);
  addCompletion(program, environment);
  addVersion(program, environment);
  addHelp(program, environment);
  return program;
}
