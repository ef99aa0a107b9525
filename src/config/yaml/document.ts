import { Composer, isScalar, Lexer, Parser } from 'yaml';
import type { CST, Document, LineCounter, ParsedNode } from 'yaml';

import type { Mistake } from './mistake.ts';
import { syntaxText, TOO_DEEP } from './syntax-messages.ts';

/**
 * A configuration has three levels. The package goes down by recursion, and near the end of the stack node
 * dies.
 */
const DEEPEST = 50;

/** The document itself, and the first collection in it, which is at no depth. */
const OUTERMOST = 2;

/** Many times what a large configuration holds. */
const MOST_TOKENS = 20_000;

interface Parsed {
  /** After the first error a parse is guesswork: what else it finds is mostly the same error again. */
  readonly broken: Mistake | undefined;
}

export interface YamlDocument extends Parsed {
  /** Null for an empty text and a broken one. */
  readonly contents: ParsedNode | null;
  readonly document: Document.Parsed | undefined;
}

export interface YamlDocuments extends Parsed {
  /** One at least, with nothing else for an empty text and a broken one. */
  readonly all: readonly (ParsedNode | null)[];
}

/**
 * The one document of a text in YAML 1.2 (core schema), or in YAML 1.1, parsed as far as it keeps within
 * bounds.
 */
export function parseYaml(text: string, lines: LineCounter, version: '1.2' | '1.1' = '1.2'): YamlDocument {
  const { documents, refused } = composed(text, lines, version);
  const [document, second] = documents;
  const more = second && {
    path: [],
    offset: second.range[0],
    text: syntaxText('MULTIPLE_DOCS', ''),
  };
  const broken = refused ?? firstError(text, document) ?? more;
  return { contents: broken === undefined ? (document?.contents ?? null) : null, broken, document };
}

/** As parseYaml, of a text with several documents; those that hold nothing beside others do not count. */
export function parseDocuments(text: string, lines: LineCounter): YamlDocuments {
  const { documents, refused } = composed(text, lines, '1.2');
  const broken =
    refused ?? documents.map((one) => firstError(text, one)).find((error) => error !== undefined);
  const full = documents.map(({ contents }) => contents).filter((contents) => !isNothing(contents));
  return { all: broken === undefined && full.length > 0 ? full : [null], broken };
}

function isNothing(contents: ParsedNode | null): boolean {
  return contents === null || (isScalar(contents) && contents.value === null && contents.source === '');
}

interface Composed {
  readonly documents: readonly Document.Parsed[];
  readonly refused: Mistake | undefined;
}

function composed(text: string, lines: LineCounter, version: '1.2' | '1.1'): Composed {
  const refused: Mistake[] = [];
  const composer = new Composer({
    lineCounter: lines,
    prettyErrors: false,
    resolveKnownTags: false,
    schema: version === '1.2' ? 'core' : 'yaml-1.1',
    uniqueKeys: false,
    version,
  });
  const found = [...composer.compose(boundedTokens(text, lines, refused), true, text.length)];
  return { documents: found.filter((one) => 'range' in one), refused: refused[0] };
}

/** What the package's parser makes of a text, up to the first error or to what is too much. */
function* boundedTokens(text: string, lines: LineCounter, refused: Mistake[]): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let count = 0;
  let broken = false;
  for (const lexeme of new Lexer().lex(text)) {
    const { offset } = parser;
    for (const token of parser.next(lexeme)) {
      yield token;
      broken ||= token.type === 'error';
    }
    if (broken) break;
    count += 1;
    const tooDeep = parser.stack.length > DEEPEST + OUTERMOST;
    if (tooDeep || count > MOST_TOKENS) {
      const tooMuch = `holds more than ${MOST_TOKENS} words and signs, more than plow needs`;
      refused.push({ path: [], offset, text: tooDeep ? TOO_DEEP : tooMuch });
      return;
    }
  }
  yield* parser.end();
}

/** `ip: {address}` with more behind it: to YAML a map that goes on. */
const BEGINS_WITH_HOLE = /[:,[-] *\{[A-Za-z_][\w-]*\} *$/u;
const NEEDS_QUOTES = 'a text that begins with { needs quotes, around all of it';

/** What stands before an offset on its line, as much as is of interest. */
function lineTo(text: string, offset: number): string {
  return text.slice(Math.max(text.lastIndexOf('\n', offset - 1) + 1, offset - 200), offset);
}

function firstError(text: string, document: Document.Parsed | undefined): Mistake | undefined {
  const [error] = document?.errors ?? [];
  if (error !== undefined) {
    const [offset, end] = error.pos;
    const quote = /^Missing closing (?<mark>["'])quote/u.exec(error.message)?.groups?.['mark'];
    if (quote !== undefined) {
      const opened = openingQuote(text, offset, quote);
      return { path: [], offset: opened, end: opened + 1, text: 'a quote is opened here and not closed' };
    }
    const isHole = error.code === 'UNEXPECTED_TOKEN' && BEGINS_WITH_HOLE.test(lineTo(text, offset));
    return { path: [], offset, end, text: isHole ? NEEDS_QUOTES : syntaxText(error.code, error.message) };
  }
  return undefined;
}

/**
 * Where the text in quotes begins that ends before its closing one, with `end`: what is quoted in it does not
 * count.
 */
function openingQuote(text: string, end: number, quote: string): number {
  let at = text.lastIndexOf(quote, end - 1);
  if (quote === '"') {
    while (/(?<!\\)(?:\\\\)*\\$/u.test(text.slice(Math.max(0, at - 50), at)))
      at = text.lastIndexOf(quote, at - 1);
    return Math.max(0, at);
  }
  while (at > 1 && text[at - 1] === quote) at = text.lastIndexOf(quote, at - 2);
  return Math.max(0, at);
}
