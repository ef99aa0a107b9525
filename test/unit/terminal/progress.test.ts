import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Progress } from '../../../src/vm/progress.ts';
import type { Output } from '../../../src/terminal/output.ts';
import { PlainProgress, transferText } from '../../../src/terminal/plain-progress.ts';
import { SpinnerProgress } from '../../../src/terminal/spinner-progress.ts';

interface Recorder extends Output {
  readonly printed: string[];
  readonly said: string[];
  /** All that was drawn on the stream. */
  drawn(): string;
}

/** A terminal of 80 columns, or a pipe. */
function recorder({ terminal, color }: { terminal: boolean; color: boolean }): Recorder {
  const printed: string[] = [];
  const said: string[] = [];
  const stream = Object.assign(new PassThrough(), {
    isTTY: terminal,
    columns: 80,
    clearLine: () => stream.write('<clear>'),
    cursorTo: () => true,
    moveCursor: () => true,
  });
  let drawn = '';
  stream.on('data', (chunk: Buffer) => (drawn += chunk.toString()));
  return {
    printed,
    said,
    print: (text) => void printed.push(text),
    say: (text) => void said.push(text),
    accomplished: () => {},
    lost: new Promise<void>(() => {}),
    interactive: terminal,
    color,
    stream,
    drawn: () => drawn,
  };
}

describe('progress in plain lines', () => {
  let output: Recorder;
  let time = 0;
  beforeEach(() => {
    output = recorder({ terminal: false, color: false });
    time = 0;
  });

  it('prints what is done to stdout, word for word, and keeps notes and the step under way out of it', () => {
    const progress: Progress = new PlainProgress(output, () => time);
    progress.title("Creating VM 'my-vm'...");
    progress.begin('Checking the configuration');
    progress.done('Configuration validated');
    progress.note('no KVM');
    progress.success("Successfully created VM 'my-vm'");
    expect(output.printed).toStrictEqual([
      "Creating VM 'my-vm'...",
      '✓ Configuration validated',
      "Successfully created VM 'my-vm'",
    ]);
    expect(output.said).toStrictEqual(['note: no KVM']);
    expect(output.drawn()).toBe('');
  });

  it('shows a transfer every two seconds, so a quick one not at all', () => {
    const progress: Progress = new PlainProgress(output, () => time);
    time = 10_000;
    progress.begin('Uploading');
    for (let sent = 1; sent <= 10; sent += 1) {
      time += 700;
      progress.transfer('cloudinit.iso', sent * 2 ** 20, 10 * 2 ** 20);
    }
    expect(output.said).toStrictEqual([
      'uploading cloudinit.iso: 30% of 10.0 MiB',
      'uploading cloudinit.iso: 60% of 10.0 MiB',
      'uploading cloudinit.iso: 90% of 10.0 MiB',
    ]);
    expect(output.printed).toStrictEqual([]);
  });

  it('says how long each step took where that is wanted', () => {
    const progress: Progress = new PlainProgress(output, () => time, true);
    progress.begin('Checking');
    time = 1234;
    progress.done('Checked');
    time = 1300;
    progress.done('Defined');
    expect(output.printed).toStrictEqual(['✓ Checked (1.23 s)', '✓ Defined (0.07 s)']);
  });

  it('lets no file name from elsewhere move the cursor', () => {
    new PlainProgress(output, () => time).note('left: /images/a\u001b[2J');
    expect(output.said).toStrictEqual(['note: left: /images/a\u{fffd}[2J']);
  });

  it('lets no name of a VM move the cursor', () => {
    const progress = new PlainProgress(output, () => time);
    progress.title('a\u001b[2J');
    progress.done('b\u202e');
    progress.success('c\n');
    expect(output.printed).toStrictEqual(['a\u{fffd}[2J', '✓ b\u{fffd}', 'c\u{fffd}']);
  });
});

describe('a transfer', () => {
  it.each([
    [0, 2 ** 20, '0% of 1.0 MiB'],
    [2 ** 20 - 1, 2 ** 20, '99% of 1.0 MiB'],
    [2 ** 20, 2 ** 20, '100% of 1.0 MiB'],
    [0, 0, '100% of 0.0 MiB'],
    [2 ** 30, 3 * 2 ** 30, '33% of 3072.0 MiB'],
  ])('of %d of %d bytes is %s', (sent, total, text) => {
    expect(transferText('seed', sent, total)).toBe(`uploading seed: ${text}`);
  });
});

function recordSteps(color: boolean): Recorder {
  const output = recorder({ terminal: true, color });
  const progress = new SpinnerProgress(output);
  progress.title('Creating');
  progress.begin('Checking');
  progress.note('no KVM');
  progress.done('Checked');
  progress.begin('Uploading');
  progress.transfer('seed', 1, 2);
  progress.done('Uploaded');
  progress.success('Created');
  progress.stop();
  return output;
}

describe('progress in a terminal', () => {
  // ora looks at both by itself.
  beforeEach(() => {
    vi.stubEnv('CI', undefined);
    vi.stubEnv('TERM', 'xterm');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.useRealTimers();
  });

  it('keeps the steps that are done as lines, and the rest in its place', () => {
    const output = recordSteps(false);
    expect(output.printed).toStrictEqual(['Creating', 'Created']);
    expect(output.said).toStrictEqual(['note: no KVM']);
    expect(output.drawn()).toContain('✓ Checked\n');
    expect(output.drawn()).toContain('✓ Uploaded\n');
    expect(output.drawn()).toContain('Checking');
  });

  it('has colours when they are wanted and only then', () => {
    const escape = '\u001b[';
    const coloured = recordSteps(true);
    expect(coloured.drawn()).toContain(`${escape}32m✓${escape}39m Checked\n`);
    expect(coloured.printed).toContain(`${escape}1mCreated${escape}22m`);
    expect(coloured.said).toStrictEqual([`${escape}33mnote:${escape}39m no KVM`]);
    const plain = recordSteps(false);
    expect([...plain.printed, ...plain.said].join('')).not.toContain(escape);
    expect(plain.drawn()).not.toContain(`${escape}3`);
  });

  it('lets no name of a VM move the cursor', async () => {
    const output = recorder({ terminal: true, color: false });
    const progress = new SpinnerProgress(output);
    progress.begin('begun\u0007');
    await expect.poll(() => output.drawn()).toContain('begun\u{fffd}');
    progress.done('done\u202e');
    progress.success('success\u001b[2J');
    expect(output.drawn()).toContain('✓ done\u{fffd}\n');
    expect(output.printed).toStrictEqual(['success\u{fffd}[2J']);
  });

  it('shows how far a transfer is', async () => {
    const output = recorder({ terminal: true, color: false });
    const progress = new SpinnerProgress(output);
    progress.begin('Uploading');
    progress.transfer('seed', 2 ** 20, 2 ** 22);
    await expect.poll(() => output.drawn()).toContain('uploading seed: 25% of 4.0 MiB');
    progress.stop();
  });

  it('draws nothing once it has stopped', async () => {
    vi.useFakeTimers();
    const output = recorder({ terminal: true, color: false });
    const progress = new SpinnerProgress(output);
    progress.begin('Checking');
    await vi.advanceTimersByTimeAsync(1000);
    expect(output.drawn().match(/Checking/gu)?.length).toBeGreaterThan(2);
    progress.stop();
    await vi.advanceTimersByTimeAsync(0);
    const drawn = output.drawn();
    await vi.advanceTimersByTimeAsync(1000);
    expect(output.drawn()).toBe(drawn);
  });
});
