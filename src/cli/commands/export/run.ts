import { join } from 'node:path';
import { describe } from '../../../config/diagnostics/diagnostic.ts';
import { PlowError } from '../../../errors/plow-error.ts';
import { withoutPassword } from '../../../text/secrets.ts';
import { failureLines } from '../../../views/failure/text.ts';
import { printable } from '../../../text/printable.ts';
import type { VmContext } from '../../../vm/context.ts';
import { adoptVm } from '../../../vm/adopt/adopt.ts';
import { Exporter } from '../../../vm/export/export-vm.ts';
import type { ExportedVm } from '../../../vm/export/export-vm.ts';
import { listNames } from '../../../vm/list/list.ts';
import type { Environment } from '../../environment.ts';
import { exportedFile } from './file.ts';
import type { ExportedFile } from './file.ts';
import { makeFolder } from './folder.ts';
import { writePrivately } from '../../run/private-files.ts';
import { runReport } from '../../run/session.ts';
import type { Settings } from '../../settings/settings.ts';
import { checkVmName } from '../../options/vm-name.ts';

export interface ExportOptions {
  /** Undefined: one VM, to standard output. */
  readonly directory: string | undefined;
  readonly force: boolean;
  readonly showSecrets: boolean;
  readonly adopt: boolean;
}

/**
 * `plow export <name...>`: a file for each VM. One that fails keeps none of the others from being written.
 * @returns the exit code: that of the first that failed
 * @throws PlowError where the hypervisor cannot be asked, and for one VM that fails alone
 */
export async function runExport(
  wanted: readonly string[] | 'all',
  options: ExportOptions,
  settings: Settings,
  environment: Environment,
): Promise<number> {
  if (wanted !== 'all') for (const name of wanted) checkVmName('export', name);
  return runReport(
    settings,
    environment,
    'stopping after this VM',
    async (context) => {
      const names = wanted === 'all' ? await allNames(context) : wanted;
      const { directory } = options;
      if (directory !== undefined && (await makeFolder(directory)))
        environment.output.say(`made the directory ${printable(directory)}`);
      if (names.length === 0) environment.output.say('no VMs');
      const work = new Work(options, settings, environment, context);
      let exitCode = 0;
      for (const name of names) {
        context.signal.throwIfAborted();
        try {
          await work.export(name);
        } catch (error) {
          if (!(error instanceof PlowError) || error.kind === 'connection' || directory === undefined)
            throw error;
          for (const line of failureLines(error, settings.verbose)) environment.output.say(line);
          exitCode ||= error.exitCode;
        }
      }
      work.tellMistakes();
      return exitCode;
    },
    options.adopt ? 'full' : READ_ONLY,
  );
}

async function allNames({ hypervisor }: VmContext): Promise<readonly string[]> {
  return listNames(hypervisor, { all: true });
}

const READ_ONLY = { lacks: 'what is in seeds, and on disks that no pool shows, is not told' };

/** Files of which what is missing is told one by one. */
const MOST_TOLD = 5;

class Work {
  readonly #options: ExportOptions;
  readonly #settings: Settings;
  readonly #environment: Environment;
  readonly #context: VmContext;
  readonly #exporter: Exporter;
  /** Names of files, and the VM that each is of. */
  readonly #written = new Map<string, string>();
  readonly #incomplete: { readonly name: string; readonly file: ExportedFile }[] = [];

  constructor(options: ExportOptions, settings: Settings, environment: Environment, context: VmContext) {
    this.#options = options;
    this.#settings = settings;
    this.#environment = environment;
    this.#context = context;
    this.#exporter = new Exporter(context);
  }

  async export(name: string): Promise<void> {
    const exported = await this.#exporter.export(name);
    using domain = exported.domain;
    const { directory, showSecrets, adopt } = this.#options;
    const host = withoutPassword(this.#settings.uri);
    const day = this.#context.now().toISOString().slice(0, 10);
    const headings = [`exported from domain '${domain.name}' on ${host}, ${day}`];
    const wish = { mayHaveFileBeside: directory !== undefined, showSecrets, headings };
    const file = exportedFile(exported, wish, this.#settings);
    if (directory === undefined) this.#environment.output.print(file.text);
    else await this.#write(directory, name, file);
    if (file.checked.refusal !== undefined) this.#incomplete.push({ name, file });
    if (directory === undefined) this.tellMistakes();
    if (adopt) await this.#adopt(exported, file);
  }

  async #write(
    directory: string,
    name: string,
    { name: fileName, text, notes, beside }: ExportedFile,
  ): Promise<void> {
    const other = this.#written.get(fileName);
    if (other !== undefined)
      throw new PlowError('config', `VM '${name}' would have the file of VM '${other}', ${fileName}`);
    const path = join(directory, fileName);
    const { force } = this.#options;
    // Last the file that names the other: one that could not be written must not leave it with somebody
    // else's.
    if (beside !== undefined) await writePrivately(join(directory, beside.name), beside.text, force);
    await writePrivately(path, `${text}\n`, force);
    this.#written.set(fileName, name);
    const counted = notes === 0 ? '' : ` (${notes} ${notes === 1 ? 'note' : 'notes'} in it)`;
    this.#environment.output.print(`${printable(path)}${counted}`);
  }

  /** What is missing in files; of many files how many, as it stands in them. */
  tellMistakes(): void {
    const { output } = this.#environment;
    const incomplete = this.#incomplete.splice(0);
    if (incomplete.length > MOST_TOLD) {
      output.say(
        `note: ${incomplete.length} files are not whole, as not all is known of their VMs: plow validate tells what is missing`,
      );
      return;
    }
    for (const { name, file } of incomplete) {
      output.say(`note: what is known of VM '${printable(name)}' does not make a whole file:`);
      for (const diagnostic of file.checked.diagnostics) output.say(`  ${printable(describe(diagnostic))}`);
    }
  }

  async #adopt(exported: ExportedVm, { checked }: ExportedFile): Promise<void> {
    const { name } = exported.domain;
    const isNew = await adoptVm(exported, checked.machine, this.#context);
    const words = isNew ? 'is managed by plow from now on' : "is plow's already";
    this.#environment.output.say(`VM '${printable(name)}' ${words}`);
  }
}
