import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const SOURCE = fileURLToPath(new URL('../src', import.meta.url));
const TESTS = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/u, '');
const SCRIPTS = fileURLToPath(new URL('../scripts', import.meta.url));
const DESIGN = fileURLToPath(new URL('../docs/design', import.meta.url));
const DOCUMENTS = [
  fileURLToPath(new URL('../DESIGN.md', import.meta.url)),
  ...readdirSync(DESIGN).map((name) => join(DESIGN, name)),
];
const MOST_LINES = 300;
/** As the formatter wraps code; it leaves comments alone. */
const WIDEST_COMMENT = 110;

interface Room {
  /** Other rooms, or folders in them. */
  readonly rooms?: readonly string[];
  /** Files and rooms of which it may know the types only. */
  readonly types?: readonly string[];
  /** Rooms that it loads when it needs them. */
  readonly lazy?: readonly string[];
  readonly packages?: readonly string[];
  /**
   * Of the folders in it, and of files beside them that know some: the folders that each may import besides
   * itself. Every folder may import the files beside the folders that are not named here.
   */
  readonly inside?: Readonly<Record<string, readonly string[]>>;
}

/** What each room may import besides itself. */
const HOUSE: Readonly<Record<string, Room>> = {
  errors: {},
  text: {},
  iso9660: {},
  config: {
    rooms: ['errors', 'text'],
    packages: ['yaml', 'zod/mini', 'node:fs', 'node:os', 'node:path', 'node:timers/promises', 'node:util'],
    inside: {
      yaml: [],
      files: [],
      machine: ['values'],
      values: [],
      schema: ['yaml'],
      diagnostics: ['yaml'],
      settings: ['diagnostics', 'files', 'schema', 'values', 'yaml'],
      'images-lock': ['diagnostics', 'files', 'schema', 'values', 'yaml'],
      'network-file': ['diagnostics', 'files', 'schema', 'values', 'yaml'],
      'vm-file': ['diagnostics', 'files', 'images-lock', 'machine', 'schema', 'settings', 'values', 'yaml'],
      draft: ['vm-file', 'yaml'],
    },
  },
  images: { rooms: ['config', 'errors', 'text'], inside: { catalog: [] } },
  routing: { rooms: ['config', 'text'] },
  provision: {
    rooms: ['config'],
    packages: ['yaml', 'node:zlib'],
    inside: {
      'host-keys': [],
      'cloud-init': ['artefacts.ts', 'host-keys'],
      ignition: ['host-keys'],
      'artefacts.ts': ['host-keys'],
      'provisioner.ts': ['artefacts.ts', 'cloud-init', 'ignition'],
    },
  },
  'libvirt-xml': {
    rooms: ['config'],
    packages: ['saxes', 'xmlbuilder2'],
    inside: {
      read: [],
      write: [],
      metadata: ['read'],
      domain: ['metadata', 'read'],
      unknown: ['domain', 'metadata', 'move', 'read'],
      snapshot: ['read'],
      change: ['read', 'snapshot'],
      move: ['metadata', 'read', 'snapshot'],
      graft: ['read', 'snapshot'],
    },
  },
  hypervisor: { types: ['config'] },
  vm: {
    rooms: [
      'config',
      'errors',
      'hypervisor',
      'images',
      'iso9660',
      'libvirt-xml',
      'provision',
      'routing',
      'text',
    ],
    packages: ['node:path', 'node:timers/promises', 'node:util'],
    inside: {
      'image-format': [],
      list: [],
      lifecycle: ['list', 'protection', 'routing'],
      addresses: ['host', 'network'],
      offers: ['addresses', 'host', 'image-store', 'network'],
      'console-log': ['list', 'storage'],
      protection: ['list'],
      lease: ['destroy', 'lifecycle', 'list', 'protection'],
      storage: [],
      features: [],
      ownership: ['image-format', 'storage'],
      host: ['features', 'image-format', 'ownership', 'storage'],
      network: ['features', 'host'],
      routing: ['host'],
      image: ['host', 'image-format', 'image-store', 'ownership', 'storage'],
      extras: ['features', 'host', 'image', 'storage'],
      create: [
        'extras',
        'features',
        'host',
        'image',
        'image-format',
        'lifecycle',
        'network',
        'ownership',
        'routing',
        'image-store',
        'storage',
        'vnc',
      ],
      'image-store': ['host', 'ownership', 'storage'],
      upload: ['host', 'image-format', 'image-store', 'storage'],
      pull: ['host', 'image-format', 'image-store', 'storage', 'upload'],
      clone: ['create', 'export', 'list', 'ownership', 'protection', 'snapshot', 'storage'],
      destroy: ['lifecycle', 'list', 'ownership', 'protection', 'storage'],
      doctor: ['features', 'host', 'routing', 'storage'],
      move: [
        'destroy',
        'host',
        'image-store',
        'lifecycle',
        'list',
        'network',
        'ownership',
        'protection',
        'routing',
        'storage',
      ],
      hosts: ['doctor', 'features', 'host'],
      export: ['image-store', 'list', 'storage'],
      adopt: ['export', 'list', 'ownership', 'storage'],
      attach: [
        'host',
        'image',
        'image-format',
        'image-store',
        'lifecycle',
        'list',
        'network',
        'protection',
        'storage',
        'upload',
      ],
      resize: ['features', 'lifecycle', 'list', 'ownership', 'protection', 'storage'],
      metrics: ['features', 'list'],
      top: [],
      show: ['image-format', 'list'],
      fleet: [
        'attach',
        'create',
        'export',
        'extras',
        'host',
        'image',
        'image-store',
        'lease',
        'lifecycle',
        'list',
        'network',
        'protection',
        'rebuild',
        'resize',
        'show',
        'storage',
        'vnc',
        'wait',
      ],
      snapshot: ['features', 'lifecycle', 'list', 'ownership', 'protection', 'storage'],
      rebuild: [
        'create',
        'export',
        'host',
        'image',
        'image-store',
        'lifecycle',
        'list',
        'ownership',
        'protection',
        'storage',
        'wait',
      ],
      ssh: ['list'],
      console: ['list'],
      vnc: ['host', 'list'],
      wait: ['console-log', 'lifecycle', 'list'],
      gate: ['create', 'destroy', 'image-store', 'lifecycle', 'list', 'ssh', 'wait'],
      gc: ['destroy', 'image-store', 'lease', 'list', 'ownership', 'snapshot', 'storage', 'upload'],
    },
  },
  download: {
    rooms: ['errors', 'text'],
    packages: ['node:http', 'node:net', 'node:stream', 'node:timers/promises', 'node:tls'],
  },
  decompress: {
    rooms: ['errors', 'text', 'this-machine'],
    packages: ['koffi', 'node:stream', 'node:zlib'],
  },
  'this-machine': {
    rooms: ['errors', 'text'],
    types: ['hypervisor'],
    packages: [
      'node:child_process',
      'node:crypto',
      'node:dgram',
      'node:fs',
      'node:fs/promises',
      'node:http',
      'node:net',
      'node:os',
      'node:path',
      'node:stream',
      'node:timers/promises',
    ],
    inside: { keys: [], metrics: [], routes: [], screen: [] },
  },
  libvirt: {
    rooms: ['errors', 'text', 'this-machine'],
    types: ['hypervisor'],
    packages: ['koffi', 'node:fs/promises', 'node:net', 'node:os', 'node:timers/promises'],
    inside: {
      abi: [],
      connection: ['abi'],
      domain: ['abi', 'connection'],
      host: ['abi', 'connection'],
      storage: ['abi', 'connection'],
      'hypervisor.ts': ['connection', 'domain', 'host', 'storage'],
      ssh: ['connection'],
      'open-failure.ts': ['abi', 'ssh'],
      'dialog.ts': ['connection', 'open-failure.ts'],
      'connect.ts': ['abi', 'connection', 'dialog.ts', 'hypervisor.ts', 'open-failure.ts', 'ssh'],
    },
  },
  documents: {
    rooms: [
      'config/machine.ts',
      'config/values/doctor-codes.ts',
      'text',
      'vm/doctor/check-names.ts',
      'vm/features/table.ts',
      'vm/fleet/words.ts',
      'vm/host/not-checked.ts',
      'vm/show/fields',
    ],
    packages: ['zod/mini', 'yaml'],
    inside: {
      fleet: [],
      gc: [],
      hosts: [],
      images: [],
      network: [],
      snapshots: [],
      templates: [],
      top: [],
      'json-schemas.ts': ['fleet', 'gc', 'hosts', 'images', 'network', 'snapshots', 'templates', 'top'],
      'json-text.ts': ['json-schemas.ts'],
      'serialize.ts': ['json-schemas.ts', 'json-text.ts'],
    },
  },
  terminal: { rooms: ['text'], types: ['vm/progress.ts'], packages: ['chalk', 'ora', 'node:util'] },
  views: {
    rooms: ['config', 'documents', 'errors', 'terminal', 'text', 'vm/show/fields'],
    types: ['hypervisor', 'images', 'vm'],
    packages: ['chalk', 'yaml'],
    inside: {
      apply: ['diff', 'failure', 'show'],
      diff: ['failure', 'show'],
      doctor: [],
      export: [],
      failure: [],
      gc: [],
      hosts: ['failure'],
      image: ['failure'],
      list: ['failure'],
      log: [],
      metrics: [],
      network: [],
      new: ['export'],
      plan: [],
      show: ['list'],
      snapshot: ['failure'],
      top: ['failure'],
      ssh: [],
      validation: [],
    },
  },
  cli: {
    rooms: [
      'config',
      'decompress',
      'documents',
      'download',
      'errors',
      'images',
      'routing',
      'terminal',
      'text',
      'this-machine/ask-ssh.ts',
      'this-machine/keys',
      'this-machine/metrics',
      'this-machine/screen',
      'this-machine/verify-signature.ts',
      'views',
      'vm',
    ],
    types: ['hypervisor'],
    packages: [
      '@clack/prompts',
      'commander',
      'node:crypto',
      'node:fs/promises',
      'node:net',
      'node:path',
      'node:stream',
      'node:timers/promises',
      'node:util',
      'node:v8',
      'plow:vnc-page',
    ],
    inside: {
      record: [],
      options: ['record'],
      usage: ['record', 'settings'],
      settings: ['options', 'record'],
      run: ['settings'],
      commands: ['options', 'record', 'run', 'settings'],
      'program.ts': ['commands', 'options', 'record', 'usage'],
    },
  },
  'main.ts': {
    rooms: ['errors', 'text', 'package.json'],
    types: ['cli', 'libvirt'],
    lazy: ['cli', 'views', 'libvirt', 'this-machine', 'startup/source-map.ts', 'startup/warm-up.ts'],
    packages: ['node:events', 'node:timers/promises'],
  },
  'start.ts': {
    rooms: ['package.json', 'startup/chunks.ts'],
    types: ['main.ts', 'startup/versions.ts'],
    packages: ['node:path'],
  },
  'startup/chunks.ts': { packages: ['node:fs', 'node:path', 'node:vm'] },
  'startup/versions.ts': { rooms: ['libvirt', 'vm'] },
  'startup/source-map.ts': { packages: ['node:fs/promises', 'node:module', 'node:path'] },
  'startup/warm-up.ts': {
    rooms: ['config', 'iso9660', 'libvirt-xml', 'provision', 'terminal', 'views', 'vm'],
  },
};

/** Rooms that make documents from values: the same values give the same document. */
const PURE = [
  'images',
  'provision',
  'routing',
  'iso9660',
  'libvirt-xml',
  'vm/create/plan.ts',
  'terminal/table.ts',
  'views/list/table.ts',
];

/** So that whoever opens a folder sees all of it. */
const MOST_FILES = 16;

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
  return path in HOUSE ? path : (path.split('/')[0] ?? path);
}

/** The folder in a room, or the file beside the folders, that a path leads to. */
function partOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function placeOf(file: SourceFile, target: string): string {
  return posix.join('src', posix.dirname(file.path), target).replace(/^src\//u, '');
}

/** Between folders of one room. A file is the door to the folder that has its name. */
function isAllowedInside(from: string, to: string): boolean {
  const { inside } = HOUSE[roomOf(from)] ?? {};
  const [own, other] = [partOf(from), partOf(to)];
  if (inside === undefined || own === other || own === `${other}.ts`) return true;
  return inside[other] === undefined || (inside[own]?.includes(other) ?? false);
}

/** What a file imports and may not, in words. */
function forbiddenImports(file: SourceFile): readonly string[] {
  const own = roomOf(file.path);
  const { rooms = [], types = [], lazy = [], packages = [] } = HOUSE[own] ?? {};
  return importsOf(file).flatMap(({ target, kind }) => {
    if (!target.startsWith('.')) return packages.includes(target) ? [] : [`${file.path}: ${target}`];
    const path = placeOf(file, target);
    const room = roomOf(path);
    const allowed =
      (room === own && isAllowedInside(file.path, path)) ||
      rooms.some((one) => path === one || path.startsWith(`${one}/`)) ||
      (kind === 'type' && (types.includes(room) || types.includes(path))) ||
      (kind === 'lazy' && lazy.includes(room));
    return allowed ? [] : [`${file.path}: ${kind} import of ${path}`];
  });
}

/** A folder of a room, or a file that is in none. */
function folderOf(path: string): string {
  const folders = path.split('/').slice(0, -1);
  return folders.length < 2 ? path : folders.slice(0, 2).join('/');
}

/** What imports each other, by whatever ways. @param nameOf a file by its folder, or by itself */
function circles(nameOf: (path: string) => string): readonly string[] {
  const arrows = new Map<string, Set<string>>();
  for (const file of files) {
    for (const { target } of importsOf(file).filter((one) => one.target.startsWith('.'))) {
      const [from, to] = [nameOf(file.path), nameOf(placeOf(file, target))];
      if (from !== to) arrows.set(from, (arrows.get(from) ?? new Set()).add(to));
    }
  }
  const reached = (start: string): ReadonlySet<string> => {
    const seen = new Set<string>();
    const left = [...(arrows.get(start) ?? [])];
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      left.push(...(arrows.get(next) ?? []));
    }
    return seen;
  };
  return [...arrows.keys()].filter((folder) => reached(folder).has(folder));
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
    ['vm/list/x.ts', `import { y } from '../context.ts';`, []],
    ['vm/list/x.ts', `import { y } from '../show/y.ts';`, ['vm/list/x.ts: static import of vm/show/y.ts']],
    ['vm/show/x.ts', `import { y } from '../list/y.ts';`, []],
    ['vm/context.ts', `import { y } from './list/y.ts';`, ['vm/context.ts: static import of vm/list/y.ts']],
    ['libvirt/x.ts', `import type { Y } from '../hypervisor/hypervisor.ts';`, []],
    [
      'libvirt/x.ts',
      `import { y } from '../hypervisor/hypervisor.ts';`,
      ['libvirt/x.ts: static import of hypervisor/hypervisor.ts'],
    ],
    ['libvirt/x.ts', `import type { Y } from '../vm/list.ts';`, ['libvirt/x.ts: type import of vm/list.ts']],
    ['documents/x.ts', `import { y } from '../vm/show/fields/y.ts';`, []],
    ['documents/x.ts', `import { y } from '../vm/x.ts';`, ['documents/x.ts: static import of vm/x.ts']],
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

  it('above vm/ knows of errors of the hypervisor only their words', () => {
    const ofErrors = ['errors/hypervisor-error.ts', 'vm/failure.ts'];
    const knowing = files
      .filter(({ path }) => ['cli', 'views', 'documents', 'terminal', 'main.ts'].includes(roomOf(path)))
      .filter((file) => importsOf(file).some(({ target }) => ofErrors.includes(placeOf(file, target))));
    expect(knowing.map(({ path }) => path)).toStrictEqual(['views/failure/text.ts']);
  });

  it('makes documents without a clock and without chance', () => {
    expect(files.flatMap(impurities)).toStrictEqual([]);
  });

  it('has no folders that import each other', () => {
    expect(circles(folderOf)).toStrictEqual([]);
  });

  it('has no files that import each other, not even for types', () => {
    expect(circles((path) => path)).toStrictEqual([]);
  });

  it(`has at most ${MOST_FILES} files in a folder`, () => {
    const counts = new Map<string, number>();
    for (const { path } of files) counts.set(posix.dirname(path), (counts.get(posix.dirname(path)) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > MOST_FILES)).toStrictEqual([]);
  });

  it('has every folder in the table, and no other', () => {
    const inTable = Object.entries(HOUSE).flatMap(([room, { inside = {} }]) =>
      Object.keys(inside).map((part) => `${room}/${part}`),
    );
    const folders = new Set(files.map(({ path }) => folderOf(path)).filter((path) => !path.endsWith('.ts')));
    expect(inTable.filter((part) => !part.endsWith('.ts')).toSorted()).toStrictEqual([...folders].toSorted());
  });

  it('has every file that its documents name', () => {
    const there = [SOURCE, TESTS, SCRIPTS].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(
        (name) => `${posix.basename(folder)}/${name}`,
      ),
    );
    const named = DOCUMENTS.flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(/`(?<name>[\w./-]+\.(?:ts|mjs|sh))`/gu)].map(
        ({ groups }) => groups?.['name'] ?? '',
      ),
    );
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((name) => !there.some((path) => `/${path}`.endsWith(`/${name}`)))).toStrictEqual([]);
  });

  it(`has no file of more than ${MOST_LINES} lines`, () => {
    const long = files.filter(({ text }) => text.split('\n').length - 1 > MOST_LINES);
    expect(long.map(({ path }) => path)).toStrictEqual([]);
  });

  it(`has no comment over ${WIDEST_COMMENT} characters`, () => {
    const comment = /^\s*(?:\/\/|\/?\*)/u;
    const long = files.flatMap(({ path, text }) =>
      text
        .split('\n')
        .filter((line) => line.length > WIDEST_COMMENT && comment.test(line))
        .map((line) => `${path}: ${line}`),
    );
    expect(long).toStrictEqual([]);
  });

  it('uses every package that the table allows', () => {
    const used = new Set(files.flatMap((file) => importsOf(file).map(({ target }) => target)));
    const allowed = Object.values(HOUSE).flatMap(({ packages = [] }) => packages);
    expect(allowed.filter((name) => !used.has(name))).toStrictEqual([]);
  });
});
