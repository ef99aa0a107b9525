import { PlowError } from '../../../errors/plow-error.ts';
import { isPattern, matcherOf } from '../../../text/pattern.ts';
import { quote } from '../../../text/quote.ts';
import type { VmContext } from '../../../vm/context.ts';
import { selectVms } from '../../../vm/list/select.ts';
import type { SelectedVm, Selection } from '../../../vm/list/select.ts';
import type { LostHost } from '../batch/batch-words.ts';
import { once } from '../once.ts';
import { lostWith } from './with-hosts.ts';
import type { HostAtWork } from './with-hosts.ts';

/** The VMs of a host that are meant. */
export interface OnHost {
  readonly host: HostAtWork;
  readonly context: VmContext;
  readonly vms: readonly SelectedVm[];
}

export interface OnAllHosts {
  readonly chosen: readonly OnHost[];
  readonly lost: readonly LostHost[];
  /** Words for VMs that no host has. */
  readonly nowhere: readonly string[];
}

/** Whether a name stands alone, so that all hosts must say whether they have such a VM. */
export function hasBareNames({ words }: Selection, hosts: readonly Named[]): boolean {
  return words.some((word) => !isPattern(word) && hostOf(word, hosts) === undefined);
}

/**
 * The VMs of one host that are meant: those of words such as `hv2:web` on their host alone, and of others
 * those that it has.
 * @throws PlowError, Interrupted
 */
export async function selectOnHost(
  selection: Selection,
  host: HostAtWork,
  all: readonly Named[],
): Promise<OnHost> {
  const context = await host.context;
  const { words, named } = wordsOn(host.name, selection, all);
  if (selection.words.length > 0 && words.length === 0) return { host, context, vms: [] };
  const vms = await selectVms({ ...selection, words, mayBeNone: true }, context.hypervisor);
  // Of a name that stands alone another host may have the VM.
  const own = vms.filter(({ name, uuid }) => uuid !== null || named.has(name));
  return { host, context, vms: own.map((vm) => ({ ...vm, find: once(vm.find) })) };
}

/**
 * As selectOnHost, of all hosts, once each has answered.
 * @throws PlowError (config) for a name that VMs of several hosts have; Interrupted
 */
export async function selectOnAll(selection: Selection, hosts: readonly HostAtWork[]): Promise<OnAllHosts> {
  const answers = await Promise.all(
    hosts.map((host) =>
      selectOnHost(selection, host, hosts).catch((error: unknown) => lostWith(host.name, error)),
    ),
  );
  const chosen = answers.filter((answer) => 'vms' in answer);
  const bare = selection.words.filter((word) => !isPattern(word) && hostOf(word, hosts) === undefined);
  const places = bare.map((word) => chosen.filter(({ vms }) => vms.some((vm) => isCalled(vm, word))));
  refuseAmbiguous(bare, places);
  return {
    chosen,
    lost: answers.filter((answer) => 'error' in answer),
    nowhere: bare.filter((_, index) => places[index]?.length === 0),
  };
}

/** @throws PlowError (config) */
function refuseAmbiguous(words: readonly string[], places: readonly (readonly OnHost[])[]): void {
  for (const [index, word] of words.entries()) {
    const names = places[index]?.map(({ host }) => host.name) ?? [];
    const [first] = names;
    if (first === undefined || names.length < 2) continue;
    throw new PlowError(
      'config',
      `there is a VM ${quote(word)} on ${names.join(' and ')}: nothing was done`,
      {
        hint: `${first}:${word} names one of them`,
      },
    );
  }
}

/**
 * For patterns and tags that no VM is meant by, on any host that answered; what VMs of the others are called
 * is not known.
 * @param asked all hosts that are meant
 */
export function missingWords(
  { words, tags, all }: Selection,
  chosen: readonly OnHost[],
  asked: readonly Named[],
): string | undefined {
  const hosts = chosen.map(({ host }) => host);
  const names = chosen.flatMap(({ host, vms }) => vms.map(({ name }) => ({ host: host.name, name })));
  const empty = words.filter((word) => {
    if (!isPattern(word)) return false;
    const own = hostOf(word, asked);
    if (own !== undefined && !hosts.some(({ name }) => name === own)) return false;
    const isLike = matcherOf(own === undefined ? word : word.slice(own.length + 1));
    return !names.some(({ host, name }) => (own === undefined || own === host) && isLike(name));
  });
  const where = hosts.map(({ name }) => name).join(', ');
  if (hosts.length === 0) return undefined;
  if (empty.length > 0) return `no VM of ${where} has a name like ${empty.map(quote).join(' or ')}`;
  if (!all && tags.length > 0 && names.length === 0)
    return `no VM of ${where} has the tag ${tags.map(quote).join(' or ')}`;
  return undefined;
}

/** For a name that no host knows. */
export function absentOn(name: string, hosts: readonly Named[]): PlowError {
  const where = hosts.map((host) => host.name).join(', ');
  return new PlowError('operation', `VM ${quote(name)} does not exist on ${where}`, {
    hint: 'plow list --all --all-hosts shows the VMs there are',
  });
}

interface Named {
  readonly name: string;
}

function hostOf(word: string, hosts: readonly Named[]): string | undefined {
  return hosts.find(({ name }) => word.startsWith(`${name}:`))?.name;
}

/** What of the words is about a host; `named`: those that name it. */
function wordsOn(
  host: string,
  { words }: Selection,
  all: readonly Named[],
): { readonly words: readonly string[]; readonly named: ReadonlySet<string> } {
  const own = words.filter((word) => hostOf(word, all) === host).map((word) => word.slice(host.length + 1));
  const bare = words.filter((word) => hostOf(word, all) === undefined);
  return { words: [...own, ...bare], named: new Set(own) };
}

function isCalled({ name, uuid }: SelectedVm, word: string): boolean {
  return name === word || uuid === word.toLowerCase();
}
