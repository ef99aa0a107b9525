// Lays the files of a package as they are on a machine.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { filesOf, koffiOf, stripNode } from './sources.mjs';

const LIBRARY = 'usr/lib/plow';
/** Of koffi what the program loads. */
const KOFFI = [
  'package.json',
  'LICENSE.txt',
  'index.cjs',
  'indirect.cjs',
  'src/koffi/index.cjs',
  'src/koffi/indirect.cjs',
  'src/koffi/src/static.cjs',
];
const SHELLS = {
  deb: {
    bash: 'usr/share/bash-completion/completions/plow',
    zsh: 'usr/share/zsh/vendor-completions/_plow',
    fish: 'usr/share/fish/vendor_completions.d/plow.fish',
  },
  rpm: {
    bash: 'usr/share/bash-completion/completions/plow',
    zsh: 'usr/share/zsh/site-functions/_plow',
    fish: 'usr/share/fish/vendor_completions.d/plow.fish',
  },
};

/** @param root an empty directory @param kind deb or rpm @param program as of built() */
export function layTree(root, { kind, arch, program, licences }) {
  const put = (path, content, mode = 0o644) => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(file, content);
    chmodSync(file, mode);
  };
  const copy = (from, path) => put(path, readFileSync(from));

  const start = readFileSync(join(program.directory, 'plow.cjs'), 'utf8');
  put(`${LIBRARY}/dist/plow.cjs`, start.replace(/^#!.*/u, `#!/${LIBRARY}/bin/node`), 0o755);
  // A code cache is of the architecture that it was made on.
  const cache = arch === 'amd64' ? ['program.cjs.cache'] : [];
  for (const file of ['plow.cjs.map', 'program.cjs', 'program.cjs.map', ...cache])
    copy(join(program.directory, file), `${LIBRARY}/dist/${file}`);
  mkdirSync(join(root, 'usr/bin'), { recursive: true });
  symlinkSync('../lib/plow/dist/plow.cjs', join(root, 'usr/bin/plow'));
  mkdirSync(join(root, LIBRARY, 'bin'));
  stripNode(arch, join(root, LIBRARY, 'bin/node'));
  chmodSync(join(root, LIBRARY, 'bin/node'), 0o755);
  for (const file of KOFFI) copy(join('node_modules/koffi', file), `${LIBRARY}/node_modules/koffi/${file}`);
  layNative(arch, copy);

  put('usr/share/man/man1/plow.1.gz', gzipSync(readFileSync('man/plow.1'), { level: 9 }));
  for (const [shell, path] of Object.entries(SHELLS[kind])) put(path, program.run('completion', shell));
  for (const file of filesOf('schema')) copy(file, `usr/share/plow/${file}`);
  const documents = 'usr/share/doc/plow';
  for (const file of ['README.md', 'CHANGELOG.md']) copy(file, `${documents}/${file}`);
  for (const file of [...filesOf('docs'), ...filesOf('examples')]) copy(file, `${documents}/${file}`);
  put(
    kind === 'deb' ? `${documents}/copyright` : 'usr/share/licenses/plow/LICENSE',
    licences.map(({ title, text }) => `${title}\n${'='.repeat(title.length)}\n\n${text}\n`).join('\n\n'),
  );
}

function layNative(arch, copy) {
  const native = koffiOf(arch);
  const { name } = JSON.parse(readFileSync(join(native, 'package.json'), 'utf8'));
  const binary = `${name.replace('@koromix/koffi-', '').replace('-', '_')}/koffi.node`;
  for (const file of ['package.json', 'index.js', binary])
    copy(join(native, file), `${LIBRARY}/node_modules/${name}/${file}`);
}

/** Modes and times that are the same wherever it is laid. */
export function settle(root, epoch) {
  execFileSync('find', [root, '-type', 'd', '-exec', 'chmod', '0755', '{}', '+']);
  execFileSync('find', [root, '-type', 'f', '-not', '-perm', '-u+x', '-exec', 'chmod', '0644', '{}', '+']);
  execFileSync('find', [root, '-exec', 'touch', '-h', '-d', `@${epoch}`, '{}', '+']);
}
