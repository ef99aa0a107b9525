import { Command, CommanderError, Option } from 'commander';
import { quote } from '../config/show.ts';
import { addConfig } from './config-command.ts';
import { addCreate } from './create-command.ts';
import { addDestroy } from './destroy-command.ts';
import { addDoctor } from './doctor-command.ts';
import type { ColourWish, Environment } from './environment.ts';
import { addExport } from './export-command.ts';
import { addList } from './list-command.ts';
import { addSchema } from './schema-command.ts';
import { addValidate } from './validate-command.ts';

const USAGE_ERROR = 1;

const EXIT_CODES = `
Exit codes:
  0  success
  1  configuration error (command line, unreadable file)
  2  validation error (a value, or what the host lacks)
  3  libvirt connection error
  4  VM operation error
  5  storage error
  70  a bug in plow
  129, 130, 143  interrupted (SIGHUP, SIGINT, SIGTERM)`;

/** Runs a command line. @returns the exit code, but of what is thrown @throws PlowError, Interrupted */
export async function runCli(argv: readonly string[], environment: Environment): Promise<number> {
  let exitCode = 0;
  const program = buildProgram(environment, (code) => void (exitCode = code));
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_ERROR;
    throw error;
  }
}

function buildProgram(environment: Environment, endWith: (exitCode: number) => void): Command {
  const { output, version, columns } = environment;
  const program = new Command('plow')
    .description(
      'Turns a YAML file into a running VM on a libvirt hypervisor, and takes it away again without a trace.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .option(
      '--config <file>',
      'settings file (PLOW_CONFIG; default: ~/.config/plow/config.yaml, else /etc/plow/config.yaml)',
    )
    .option('-c, --connect <uri>', 'hypervisor (PLOW_CONNECT, LIBVIRT_DEFAULT_URI; default: qemu:///system)')
    .option(
      '--storage-path <dir>',
      'where VM directories are made (PLOW_STORAGE_PATH; default: /var/lib/libvirt/images)',
    )
    .addOption(
      new Option('--color <when>', 'colours: in a terminal unless NO_COLOR is set, always, or never')
        .choices(['auto', 'always', 'never'])
        .default('auto'),
    )
    .hook('preAction', (_program, command) => {
      environment.wishColour(command.optsWithGlobals<{ color: ColourWish }>().color);
    })
    .option('--verbose', "show libvirt's calls and its own words for errors")
    .configureHelp({
      showGlobalOptions: true,
      minWidthToWrap: 20,
      ...(columns === undefined ? {} : { helpWidth: columns }),
    })
    .configureOutput({
      writeOut: (text) => output.print(text.trimEnd()),
      writeErr: (text) => output.say(text.trimEnd()),
    })
    .showHelpAfterError('(plow --help shows the commands and options)')
    .addHelpText(
      'after',
      `
Examples:
  plow create examples/simple-vm.yaml
  plow validate vms/*.yaml
  plow list --all
  plow destroy my-vm
  plow export my-vm > my-vm.yaml
  plow -c qemu+ssh://root@hv2/system list
  plow -c qemu+ssh://root@hv2/system doctor
  plow --storage-path /srv/vms create vm.yaml
  plow --config team.yaml create vm.yaml
  plow --verbose create vm.yaml
  plow --color always list --all | less -R
${EXIT_CODES}`,
    )
    .exitOverride();
  addCreate(program, environment);
  addDestroy(program, environment);
  addList(program, environment);
  addExport(program, environment, endWith);
  addDoctor(program, environment, endWith);
  addValidate(program, environment, endWith);
  addConfig(program, environment);
  addSchema(program, environment);
  addHelp(program);
  return program;
}

/** commander's own says nothing of a command that there is not. */
function addHelp(program: Command): void {
  program
    .command('help')
    .description('show help for a command')
    .argument('[command]', 'which one')
    .action((name: string | undefined) => {
      const command = name === undefined ? program : program.commands.find((one) => one.name() === name);
      if (command === undefined) program.error(`error: unknown command '${quote(name ?? '').slice(1, -1)}'`);
      else command.outputHelp();
    });
}
