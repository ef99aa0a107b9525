import { realpathSync } from 'node:fs';

import { showFile } from '../../yaml/mistake.ts';
import type { Mistake } from '../../yaml/mistake.ts';
import type { Place } from '../../yaml/place.ts';
import { readYamlDocuments, whereIsPlace } from '../../yaml/tree.ts';
import type { YamlTree } from '../../yaml/tree.ts';
import { quote, show } from '../../../text/quote.ts';
import { STANDARD_INPUT } from '../files.ts';
import type { NamedFiles } from '../reader.ts';
import { EXTENDS } from './keys.ts';
import { labelOf, located } from './named.ts';
import { merged } from './merge.ts';
import { isMapPlace, sumOf, without, wrongAt } from './trees.ts';

/** Files from the one that is made to its last base: nobody finds a value behind more. */
const MOST_FILES = 8;

/** A file on the way from the one that is made to its last base. */
interface Link {
  /** As messages call it. */
  readonly file: string;
  /** Undefined: it came through a pipe. */
  readonly realPath: string | undefined;
}

/** Puts documents of one file on top of what they extend. */
export class Bases {
  readonly #named: NamedFiles;
  readonly #first: Link;
  /** By how they are called: each is parsed once, however many documents extend it. */
  readonly #parsed = new Map<string, readonly YamlTree[]>();

  /** @param file its own path */
  constructor(file: string, named: NamedFiles) {
    this.#named = named;
    this.#first = { file, realPath: realPathOf(file) };
  }

  /** A document with what it extends, and what that extends. */
  async under(tree: YamlTree): Promise<YamlTree> {
    return this.#whole(tree, [this.#first]);
  }

  async #whole(tree: YamlTree, links: readonly Link[]): Promise<YamlTree> {
    const place = tree.root.children.get(EXTENDS);
    if (place === undefined || tree.syntax.length > 0) return tree;
    const base = await this.#base(place, links);
    if (!('root' in base)) return { ...tree, unfinished: [base] };
    const { syntax, unfinished = [] } = base;
    if (syntax.length > 0 || unfinished.length > 0) return { ...tree, syntax, unfinished };
    const mistakes: Mistake[] = [];
    const root = merged(base.root, without(tree.root, EXTENDS), mistakes);
    return sumOf([base, tree], root, mistakes);
  }

  /** What a file extends, whole; or what is wrong with that. */
  async #base(place: Place, links: readonly Link[]): Promise<YamlTree | Mistake> {
    const { value } = place;
    const wrong = (text: string): Mistake => wrongAt(place, [EXTENDS], text);
    if (typeof value !== 'string' || value === '')
      return wrong(`expected the path of a file, found ${show(value)}`);
    const from = links.at(-1)?.file ?? '';
    const reading = await this.#named.base(located(from, value));
    if ('problem' in reading) return wrong(`${quote(value)} ${reading.problem}`);
    const link = { file: labelOf(from, value), realPath: reading.realPath };
    const way = [...links, link].map((one) => showFile(one.file)).join(' -> ');
    if (links.some(({ realPath }) => realPath === link.realPath))
      return wrong(`goes in a circle: ${way}: take it out of one of them`);
    if (links.length >= MOST_FILES) return wrong(`goes through more than ${MOST_FILES} files: ${way}`);
    const [tree, second] = this.#documents(link.file, reading.text);
    if (tree === undefined) throw new Error('there is one document at least');
    if (second !== undefined) {
      const where = whereIsPlace(second.root).replace(/^ \(|\)$/gu, '');
      return wrong(`${quote(value)} holds several VMs, the second at ${where}: a base is one`);
    }
    const syntax = tree.syntax.map((mistake) => ({ ...mistake, source: tree.root.source }));
    if (syntax.length > 0) return { ...tree, syntax };
    if (!isMapPlace(tree.root))
      return wrongAt(tree.root, [], `expected a map of keys such as vcpus, found ${show(tree.root.value)}`);
    return this.#whole(tree, [...links, link]);
  }

  #documents(file: string, text: string): readonly YamlTree[] {
    const documents = this.#parsed.get(file) ?? readYamlDocuments(text, file);
    this.#parsed.set(file, documents);
    return documents;
  }
}

function realPathOf(file: string): string | undefined {
  if (file === STANDARD_INPUT) return undefined;
  try {
    return realpathSync.native(file);
  } catch {
    return undefined;
  }
}
