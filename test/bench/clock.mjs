// How a command is measured. Node 20 reads NODE_EXTRA_CA_CERTS at every start, so bench.mjs leaves it out.
import { spawn, spawnSync } from 'node:child_process';

function complain(command, args, { status, stdout, stderr }) {
  throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout ?? ''}${stderr}`);
}

/** Runs a command; its output is shown only if it fails. @returns milliseconds */
export function time(command, args) {
  const started = performance.now();
  const result = spawnSync(command, args, { encoding: 'utf8' });
  const elapsed = performance.now() - started;
  if (result.status !== 0) complain(command, args, result);
  return elapsed;
}

/**
 * Runs a command and looks at what it prints.
 * @returns milliseconds to the end, to the first byte of its output, and to a line of its standard error that
 * has `mark`
 */
export async function watch(command, args, mark) {
  const started = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const times = {};
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (data) => {
    times.firstByte ??= performance.now() - started;
    output.stdout += data;
  });
  child.stderr.on('data', (data) => {
    output.stderr += data;
    if (mark !== undefined && output.stderr.includes(mark)) times.marked ??= performance.now() - started;
  });
  const status = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (status !== 0) complain(command, args, { status, ...output });
  return { total: performance.now() - started, ...times };
}

/** @returns MiB that the command had in memory at its peak (GNU time) */
export function peakMemory(command, args) {
  const stdio = ['ignore', 'ignore', 'pipe'];
  const result = spawnSync('/usr/bin/time', ['--format', '%M', command, ...args], {
    stdio,
    encoding: 'utf8',
  });
  if (result.status !== 0) complain(command, args, result);
  return Number(result.stderr.trim().split('\n').at(-1)) / 1024;
}

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * Runs each rival once a round, in turn, so that noise falls on all alike.
 * @param rivals with `run`, which gives a number or a record of numbers, and `after`, which tidies up
 * @returns for each rival its name and the median of each of its numbers
 */
export async function inTurn(rounds, rivals) {
  const results = rivals.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { run, after }] of rivals.entries()) {
      results[index].push(await run());
      after?.();
    }
  }
  return rivals.map(({ name }, index) => {
    const [first] = results[index];
    if (typeof first === 'number') return { name, total: median(results[index]) };
    const medianOf = (key) => [key, median(results[index].map((result) => result[key]))];
    return { name, ...Object.fromEntries(Object.keys(first).map(medianOf)) };
  });
}

/** @param columns titles of what is told of each rival, and how it is written */
export function table(title, columns, rows) {
  const lines = [
    ['', ...Object.keys(columns)],
    ...rows.map((row) => [row.name, ...Object.values(columns).map((text) => text(row))]),
  ];
  const widths = lines[0].map((_, index) => Math.max(...lines.map((line) => line[index].length)));
  console.log(`\n${title}`);
  for (const [name, ...cells] of lines) {
    console.log(
      `  ${[name.padEnd(widths[0]), ...cells.map((cell, index) => cell.padStart(widths[index + 1]))].join('  ')}`,
    );
  }
}

export const ms = (value) => `${value.toFixed(0)} ms`;

/**
 * What belongs together is measured round by round, so that a ratio is one of numbers of the same minute.
 * @param round gives a record of numbers @returns `of`, the median of what is made of each round
 */
export async function inPairs(rounds, round) {
  const results = [];
  for (let number = 0; number < rounds; number += 1) results.push(await round());
  return { results, of: (value) => median(results.map(value)) };
}
