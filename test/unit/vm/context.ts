import type { VmContext } from '../../../src/vm/context.ts';
import type { Progress } from '../../../src/vm/progress.ts';
import { KEY_PAIRS } from '../key-pairs.ts';
import { FakeHypervisor } from './fake-hypervisor.ts';

/** What a workflow said, a line each, for instance `done: VM started`. */
interface Said extends Progress {
  readonly lines: readonly string[];
}

/** Remembers what stays on the screen: not `begin` and `transfer`. */
function listen(): Said {
  const lines: string[] = [];
  const say =
    (kind: string) =>
    (text: string): void =>
      void lines.push(`${kind}: ${text}`);
  return {
    lines,
    title: say('title'),
    done: say('done'),
    success: say('success'),
    note: say('note'),
    begin: () => {},
    transfer: () => {},
  };
}

export interface TestContext extends VmContext {
  readonly hypervisor: FakeHypervisor;
  readonly progress: Said;
}

export function testContext(changes: Partial<TestContext> = {}): TestContext {
  let uuids = 0;
  return {
    hypervisor: new FakeHypervisor(),
    progress: listen(),
    storagePath: '/images',
    imageDirs: { value: ['/images'], from: 'default' },
    shareDirs: { value: ['/srv'], from: 'plow.yaml:1:13' },
    signal: new AbortController().signal,
    making: () => {},
    settled: () => {},
    version: '0.1.0',
    now: () => new Date('2025-01-02T03:04:05Z'),
    newUuid: () => `00000000-0000-4000-8000-${String((uuids += 1)).padStart(12, '0')}`,
    newKeyPairs: () => KEY_PAIRS,
    ...changes,
  };
}
