import { readdir } from 'node:fs/promises';
import type { DefaultsByHost } from '../../../config/vm-file/to-machine.ts';
import { printable } from '../../../text/printable.ts';
import { withoutPassword } from '../../../text/secrets.ts';
import type { NewVm } from '../../../views/new/vm-file.ts';
import { Asker } from './ask.ts';
import { isNeeded, mistakeIn, takenBy } from './judge.ts';
import { askKeys } from './ask-keys.ts';
import { lookAround } from './look.ts';
import type { Surroundings } from './look.ts';
import { ASKED, OPTIONAL, questionOf } from './questions.ts';
import type { Asked, Known } from './questions.ts';
import { onScreen } from './screen.ts';
import { guestOf } from './words.ts';
import { fileOf, textOf, writeFile } from './write.ts';
import type { Wish } from './write.ts';

/** Nobody wanted it. */
const DECLINED = 1;

/**
 * Asks for what no flag has said, shows the file and writes it.
 * @returns the exit code @throws PlowError, Interrupted
 */
export async function interview(
  given: NewVm,
  wish: Wish,
  defaults: DefaultsByHost,
  around: Surroundings,
): Promise<number> {
  const { environment } = around;
  const { host, uri } = around.places.usual;
  environment.output.say(printable(`Looking at what ${host ?? withoutPassword(uri)} has...`));
  const seen = await lookAround(wish.file, defaults, around);
  const files = await filesBeside(wish);
  const talk = new Talk(defaults, around, files);
  const known = await onScreen(environment, async (screen) => {
    const asker = new Asker(screen, environment);
    const all = await talk.ask({ ...seen, vm: given }, asker);
    const file = fileOf(all.vm, wish.file) ?? '-';
    environment.output.print(textOf(all, file, around));
    const question = file === '-' ? 'Print this file?' : `Write ${file}?`;
    return (await asker.confirm(question)) ? all : undefined;
  });
  if (known !== undefined) return writeFile(known, wish, defaults, around);
  environment.output.say('nothing was written');
  return DECLINED;
}

/** Names of what is there already, and is not to be overwritten, where the name of the VM decides. */
async function filesBeside({ file, isForced }: Wish): Promise<ReadonlySet<string>> {
  return new Set(file !== undefined || isForced ? [] : await readdir('.').catch((): string[] => []));
}

class Talk {
  readonly #defaults: DefaultsByHost;
  readonly #around: Surroundings;
  readonly #files: ReadonlySet<string>;

  constructor(defaults: DefaultsByHost, around: Surroundings, files: ReadonlySet<string>) {
    this.#defaults = defaults;
    this.#around = around;
    this.#files = files;
  }

  /** @throws Interrupted */
  async ask(start: Known, asker: Asker): Promise<Known> {
    let known = start;
    for (const key of ASKED) {
      if (this.#isOpen(key, known.vm)) known = { ...known, vm: await this.#answered(key, known, asker) };
      if (key === 'image') known = { ...known, vm: { ...known.vm, guest: guestOf(known) } };
    }
    return known;
  }

  /** What the settings say is not asked. */
  #isOpen(key: Asked, vm: NewVm): boolean {
    if (vm[key] !== undefined) return false;
    if (key === 'dns') return this.#defaults.fill?.values.dns_servers === undefined;
    return OPTIONAL.has(key) || isNeeded(key, vm, this.#defaults);
  }

  async #answered(key: Asked, known: Known, asker: Asker): Promise<NewVm> {
    const { vm } = known;
    if (key === 'keys') {
      const user = questionOf('user', known).usual;
      const keys = await askKeys(asker, known.keys, vm.user ?? user ?? '', this.#around.environment);
      return { ...vm, keys };
    }
    const judge = (answer: string): string | undefined =>
      mistakeIn(key, { ...vm, [key]: answer }, this.#defaults) ??
      takenBy(key, answer, known) ??
      (key === 'name' ? this.#isThere({ ...vm, name: answer }) : undefined);
    return { ...vm, [key]: await asker.ask(questionOf(key, known), judge) };
  }

  #isThere(vm: NewVm): string | undefined {
    const file = fileOf(vm, undefined);
    return file !== undefined && this.#files.has(file)
      ? `${file} is there already; plow new --force overwrites it`
      : undefined;
  }
}
