import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const SOURCE = fileURLToPath(new URL('../src', import.meta.url));
const MOST_LINES = 300;

interface Room {
  /** Other rooms. */
  readonly rooms?: readonly string[];
  /** Files and rooms of which it may know the types only. */
  readonly types?: readonly string[];
  /** Rooms that it loads when it needs them. */
  readonly lazy?: readonly string[];
  readonly packages?: readonly string[];
}

/** What each room may import besides itself. */
const HOUSE: Readonly<Record<string, Room>> = {
  errors: {},
  iso9660: {},
  config: {
    rooms: ['errors'],
    packages: ['yaml', 'zod/mini', 'node:fs', 'node:os', 'node:path', 'node:timers/promises'],
  },
  'cloud-init': { rooms: ['config', 'errors'], packages: ['yaml'] },
  'libvirt-xml': { rooms: ['config', 'errors'], packages: ['xmlbuilder2', 'fast-xml-parser'] },
  vm: {
    rooms: ['config', 'cloud-init', 'iso9660', 'libvirt-xml', 'errors'],
    packages: ['node:path', 'node:timers/promises'],
  },
  libvirt: {
    rooms: ['errors'],
    types: ['vm/hypervisor.ts'],
    packages: ['koffi', 'node:child_process', 'node:os', 'node:fs', 'node:fs/promises', 'node:net'],
  },
  documents: { packages: ['zod/mini'] },
  terminal: {
    rooms: ['errors'],
    types: ['vm', 'documents', 'config/draft.ts'],
    packages: ['chalk', 'ora', 'yaml', 'node:util'],
  },
  cli: {
    rooms: ['config', 'documents', 'vm', 'terminal', 'errors'],
    packages: ['commander', 'node:crypto', 'node:fs/promises', 'node:path', 'node:timers/promises'],
  },
  'main.ts': {
    rooms: ['errors', 'package.json'],
    types: ['cli'],
    lazy: ['cli', 'terminal', 'libvirt', 'warm-up.ts'],
    packages: ['node:timers/promises'],
  },
  'start.ts': { rooms: ['package.json', 'chunks.ts'], types: ['main.ts'], packages: ['node:path'] },
  'chunks.ts': { packages: ['node:fs', 'node:path', 'node:vm'] },
  'warm-up.ts': { rooms: ['config', 'cloud-init', 'iso9660', 'libvirt-xml', 'terminal', 'vm'] },
};

/** Rooms that make documents from values: the same values give the same document. */
const PURE = ['cloud-init', 'iso9660', 'libvirt-xml', 'terminal/table.ts', 'terminal/vm-table.ts'];

interface Import {
  readonly target: string;
  readonly kind: 'static' | 'type' | 'lazy';
}

interface SourceFile {
  /** Below src/, for instance `vm/list/list.ts`. */
  readonly path: string;
  readonly text: string;
}

const files: readonly SourceFile[] = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, text: readFileSync(join(SOURCE, path), 'utf8') }));

function nodesOf({ path, text }: SourceFile): readonly ts.Node[] {
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true));
  return nodes;
}

function importsOf(file: SourceFile): readonly Import[] {
  return nodesOf(file).flatMap((node): Import[] => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
      return [{ target: node.moduleSpecifier.text, kind: typeOnly ? 'type' : 'static' }];
    }
    if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      return [{ target: node.moduleSpecifier.text, kind: node.isTypeOnly ? 'type' : 'static' }];
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      return [{ target: node.argument.literal.getText().slice(1, -1), kind: 'type' }];
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      const known = argument !== undefined && ts.isStringLiteral(argument);
      return [{ target: known ? argument.text : 'an expression', kind: 'lazy' }];
    }
    return [];
  });
}

function roomOf(path: string): string {
  return path.split('/')[0] ?? path;
}

/** What a file imports and may not, in words. */
function forbiddenImports(file: SourceFile): readonly string[] {
  const own = roomOf(file.path);
  const { rooms = [], types = [], lazy = [], packages = [] } = HOUSE[own] ?? {};
  return importsOf(file).flatMap(({ target, kind }) => {
    if (!target.startsWith('.')) return packages.includes(target) ? [] : [`${file.path}: ${target}`];
    const path = posix.join('src', posix.dirname(file.path), target).replace(/^src\//u, '');
    const room = roomOf(path);
    const allowed =
      room === own ||
      rooms.includes(room) ||
      (kind === 'type' && (types.includes(room) || types.includes(path))) ||
      (kind === 'lazy' && lazy.includes(room));
    return allowed ? [] : [`${file.path}: ${kind} import of ${path}`];
  });
}

/** Uses of the global `process`, outside the two files that start the program. */
function usesOfProcess(file: SourceFile): readonly string[] {
  if (file.path === 'main.ts' || file.path === 'start.ts') return [];
  return nodesOf(file)
    .filter((node) => ts.isIdentifier(node) && ['process', 'globalThis', 'console'].includes(node.text))
    .filter(({ parent }) => !(ts.isPropertyAccessExpression(parent) && parent.name.text === 'process'))
    .filter((node) => !(ts.isPropertyAssignment(node.parent) && node.parent.name === node))
    .map((node) => `${file.path}: ${node.getText()}`);
}

/** A clock or dice in a file that may have neither. */
function impurities(file: SourceFile): readonly string[] {
  if (!PURE.some((room) => file.path === room || roomOf(file.path) === room)) return [];
  return nodesOf(file)
    .filter(
      (node) =>
        (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length) ||
        (ts.isPropertyAccessExpression(node) &&
          ['Date.now', 'Math.random', 'performance.now'].includes(node.getText())),
    )
    .map((node) => `${file.path}: ${node.getText()}`);
}

describe('the scan', () => {
  it('finds the files and their imports, so that what follows proves something', () => {
    expect(files.length).toBeGreaterThan(70);
    expect(files.flatMap(importsOf).length).toBeGreaterThan(200);
    expect(new Set(files.map(({ path }) => roomOf(path)))).toStrictEqual(new Set(Object.keys(HOUSE)));
  });

  it.each([
    ['vm/x.ts', `import koffi from 'koffi';`, ['vm/x.ts: koffi']],
    ['vm/x.ts', `import { y } from '../libvirt/y.ts';`, ['vm/x.ts: static import of libvirt/y.ts']],
    ['vm/x.ts', `export { y } from '../cli/y.ts';`, ['vm/x.ts: static import of cli/y.ts']],
    ['vm/x.ts', `import { y } from '../libvirt-xml/y.ts';`, []],
    ['libvirt/x.ts', `import type { Y } from '../vm/hypervisor.ts';`, []],
    [
      'libvirt/x.ts',
      `import { y } from '../vm/hypervisor.ts';`,
      ['libvirt/x.ts: static import of vm/hypervisor.ts'],
    ],
    ['libvirt/x.ts', `import type { Y } from '../vm/list.ts';`, ['libvirt/x.ts: type import of vm/list.ts']],
    ['cli/x.ts', `await import('../libvirt/y.ts');`, ['cli/x.ts: lazy import of libvirt/y.ts']],
    ['main.ts', `await import('./libvirt/y.ts');`, []],
    ['main.ts', `import { y } from './libvirt/y.ts';`, ['main.ts: static import of libvirt/y.ts']],
    ['errors/x.ts', `let y: import('../vm/y.ts').Y;`, ['errors/x.ts: type import of vm/y.ts']],
    ['cli/x.ts', `await import(name);`, ['cli/x.ts: an expression']],
  ])('of %s with %s finds %j', (path, text, found) => {
    expect(forbiddenImports({ path, text })).toStrictEqual(found);
  });

  it('tells the global process from a property of that name', () => {
    const file = {
      path: 'vm/x.ts',
      text: 'this.process; process.exit(1); let y: NodeJS.Process; y = { process: 1 };',
    };
    expect(usesOfProcess(file)).toStrictEqual(['vm/x.ts: process']);
  });

  it('sees a clock and dice', () => {
    const text = 'new Date(); new Date(0); Date.now(); Math.random();';
    expect(impurities({ path: 'iso9660/x.ts', text })).toStrictEqual([
      'iso9660/x.ts: new Date()',
      'iso9660/x.ts: Date.now',
      'iso9660/x.ts: Math.random',
    ]);
  });
});

describe('the house', () => {
  it('has no arrow between rooms, and no package in a room, but those of the table', () => {
    expect(files.flatMap(forbiddenImports)).toStrictEqual([]);
  });

  it('touches the process in main.ts only', () => {
    expect(files.flatMap(usesOfProcess)).toStrictEqual([]);
  });

  it('makes documents without a clock and without chance', () => {
    expect(files.flatMap(impurities)).toStrictEqual([]);
  });

  it(`has no file of more than ${MOST_LINES} lines`, () => {
    const long = files.filter(({ text }) => text.split('\n').length - 1 > MOST_LINES);
    expect(long.map(({ path }) => path)).toStrictEqual([]);
  });

  it('uses every package that the table allows', () => {
    const used = new Set(files.flatMap((file) => importsOf(file).map(({ target }) => target)));
    const allowed = Object.values(HOUSE).flatMap(({ packages = [] }) => packages);
    expect(allowed.filter((name) => !used.has(name))).toStrictEqual([]);
  });
});
