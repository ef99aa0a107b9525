import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs a program that must succeed. @returns its standard output @throws Error with its standard error */
export async function run(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { maxBuffer: 64 * 2 ** 20 });
  return stdout;
}
