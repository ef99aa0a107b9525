import { PassThrough } from 'node:stream';
import type { Environment } from '../../../src/cli/environment.ts';
import type { Hypervisor } from '../../../src/hypervisor/hypervisor.ts';
import { FakeHypervisor } from '../vm/fake-hypervisor.ts';

export interface FakeEnvironment extends Environment {
  readonly stdout: string[];
  readonly stderr: string[];
  /** URIs that were connected to, and `closed` for each that was closed. */
  readonly connections: string[];
  /** Programs that were run with their arguments. */
  readonly programs: (readonly string[])[];
}

/** A process with no terminal and these variables. */
export function fakeEnvironment(
  hypervisor: Hypervisor = new FakeHypervisor(),
  variables: Environment['variables'] = {},
): FakeEnvironment {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const connections: string[] = [];
  const programs: (readonly string[])[] = [];
  return {
    stdout,
    stderr,
    connections,
    programs,
    variables,
    userId: 0,
    version: '1.2.3',
    columns: undefined,
    rows: undefined,
    holdTerminal: () => () => {},
    ask: undefined,
    foreground: async (program, words) => {
      programs.push([program, ...words]);
      return 0;
    },
    input: new PassThrough() as unknown as NodeJS.ReadStream,
    writeBytes: async (bytes) => void stdout.push(Buffer.from(bytes).toString()),
    makeRaw: () => undefined,
    setColour: () => {},
    output: {
      print: (text) => void stdout.push(text),
      say: (text) => void stderr.push(text),
      accomplished: () => {},
      interactive: false,
      lost: new Promise<void>(() => {}),
      color: false,
      stream: new PassThrough(),
    },
    connect: async (uri, onCall) => {
      connections.push(uri);
      onCall?.('virDomainGetState', 1.25, 'web');
      return { hypervisor, close: async () => connections.push('closed') };
    },
    interruptible: () => ({ signal: new AbortController().signal, making: () => {}, settled: () => {} }),
  };
}
