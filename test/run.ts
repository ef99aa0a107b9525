import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Runs a program that must succeed, with `input` on its standard input.
 * @returns its standard output
 * @throws Error with its standard error
 */
export async function run(program: string, args: readonly string[], input = ''): Promise<string> {
  const running = promisify(execFile)(program, args, { maxBuffer: 64 * 2 ** 20 });
  // A program may end without reading what it is given.
  running.child.stdin?.on('error', () => {});
  running.child.stdin?.end(input);
  return (await running).stdout;
}
