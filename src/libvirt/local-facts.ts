import { execFile } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import type { LocalFacts } from '../vm/hypervisor.ts';

/** Programs that are asked ask others, over D-Bus above all. */
const PATIENCE_MS = 5000;

/** This machine. */
export const LOCAL_FACTS: LocalFacts = {
  async exists(path) {
    try {
      await access(path);
      return true;
    } catch {
      return false;
    }
  },
  async read(path) {
    try {
      return await readFile(path, 'utf8');
    } catch {
      return undefined;
    }
  },
  output: (program, args) =>
    new Promise((resolve) => {
      execFile(program, args, { timeout: PATIENCE_MS }, (error, stdout) => {
        // A number is the exit code of a program that ran; else it could not be run, or was ended.
        const ran = error === null || typeof error.code === 'number';
        resolve(ran ? stdout.trim() : undefined);
      });
    }),
};
