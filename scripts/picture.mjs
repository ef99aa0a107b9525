// Draws docs/terminal.svg, the picture at the top of README: what a terminal shows of create, list, show and
// destroy. The text comes from a run in a throwaway hypervisor, so it needs what the integration tests need,
// and a build.
//
//   node scripts/picture.mjs        draws it anew
//   node scripts/picture.mjs -      prints it; a test compares that with the file
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';

const FILE = 'docs/terminal.svg';
const LAB = 'test/lab/lab.sh';
const COLUMNS = 80;
const COMMANDS = [
  'plow create examples/simple-vm.yaml',
  'plow list',
  'plow show simple-vm',
  'plow destroy --force simple-vm',
];
/** Where the rest of `plow show` is left out: it has a screenful. */
const CUT = 'Machine:';

const env = {
  PATH: process.env.PATH,
  LANG: 'C.UTF-8',
  TERM: 'xterm-256color',
  // Nobody's settings; and no note about KVM, which the lab has not.
  XDG_CONFIG_HOME: '/nonexistent',
  PLOW_VIRT_TYPE: 'qemu',
  LAB_NAME: `plow-picture-${process.pid}`,
};

const ESCAPE = '\u001b';
const MODES = new RegExp(`${ESCAPE}\\[\\?\\d+[hl]`, 'gu');
const STYLE = new RegExp(`${ESCAPE}\\[(\\d+)m`, 'u');
/** A line that is drawn again begins at its first column. */
const AGAIN = new RegExp(`${ESCAPE}\\[1G(?:${ESCAPE}\\[0K)?`, 'u');

/** What a command leaves on a terminal, line by line, with the colours. */
function shown(command) {
  const plow = command.replace(/^plow/u, `${process.execPath} dist/plow.cjs`);
  const typed = ['script', '-qec', `stty cols ${COLUMNS}; ${plow}`, '/dev/null'];
  const output = execFileSync(LAB, ['exec', 'h1', ...typed], { env, encoding: 'utf8', input: '' });
  const lines = output
    .replaceAll(MODES, '')
    .split(/\r*\n/u)
    .map((line) => line.split(AGAIN).at(-1))
    // How much memory is free is a matter of the machine that draws.
    .filter((line) => !line.startsWith('note: '));
  while (lines.at(-1) === '') lines.pop();
  const cut = lines.indexOf(CUT);
  return cut === -1 ? lines : [...lines.slice(0, cut), `${ESCAPE}[90m...${ESCAPE}[39m`];
}

async function session() {
  const lab = spawn(LAB, ['hold', '1'], { env, stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const ended = once(lab, 'exit');
  try {
    await Promise.race([once(lab.stdout, 'data'), ended]);
    const images = `/tmp/${env.LAB_NAME}/h1/lib/images`;
    // The hypervisor that examples/simple-vm.yaml is written for: its image and its network.
    copyFileSync(`${images}/tiny.qcow2`, `${images}/debian-12.qcow2`);
    execFileSync(LAB, ['exec', 'h1', 'ip', 'address', 'add', '10.20.30.1/24', 'dev', 'br0'], { env });
    return COMMANDS.flatMap((command) => [
      '',
      `${ESCAPE}[32m$${ESCAPE}[39m ${ESCAPE}[1m${command}${ESCAPE}[22m`,
      ...shown(command),
    ]);
  } finally {
    lab.stdin.end();
    await ended;
  }
}

const FONT = 14;
const WIDTH = FONT * 0.602;
const HEIGHT = 20;
const BAR = 36;
const MARGIN = 20;
const COLOURS = { 31: '#f7768e', 32: '#9ece6a', 33: '#e0af68', 36: '#7dcfff', 90: '#737aa2' };
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A line as SVG. Each piece has its column, so that the columns stand whatever the font is. */
function row(line, index) {
  let column = 0;
  let style = '';
  const pieces = line.split(STYLE).map((piece, at) => {
    if (at % 2 === 1) {
      const colour = COLOURS[piece];
      if (colour !== undefined) style = ` fill="${colour}"`;
      else style = piece === '1' ? ' class="bold"' : '';
      return '';
    }
    const x = (MARGIN + column * WIDTH).toFixed(1);
    column += [...piece].length;
    return piece === '' ? '' : `<tspan x="${x}"${style}>${escaped(piece)}</tspan>`;
  });
  return `<text y="${BAR + (index + 1) * HEIGHT - 6}">${pieces.join('')}</text>`;
}

function picture(lines) {
  const width = Math.ceil(2 * MARGIN + COLUMNS * WIDTH);
  const height = BAR + lines.length * HEIGHT + MARGIN;
  const dots = ['#f7768e', '#e0af68', '#9ece6a'].map(
    (fill, index) => `<circle cx="${MARGIN + 6 + index * 20}" cy="18" r="6" fill="${fill}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" xml:space="preserve">
<title>A terminal in which plow creates, lists, shows and destroys a VM</title>
<style>
text { font: ${FONT}px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #c0caf5; white-space: pre }
.bold { font-weight: bold }
</style>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10" fill="#1a1b26" stroke="#3b4261"/>
${dots.join('')}
${lines.map(row).join('\n')}
</svg>
`;
}

const drawn = picture((await session()).slice(1));
if (process.argv[2] === '-') process.stdout.write(drawn);
else writeFileSync(FILE, drawn);
