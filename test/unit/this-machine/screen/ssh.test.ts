import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openChannel } from '../../../../src/this-machine/screen/channel.ts';
import { NoChannel } from '../../../../src/this-machine/screen/way.ts';
import type { Channel } from '../../../../src/this-machine/screen/way.ts';

let directory = '';

beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'plow-unit-'))));
afterEach(() => rm(directory, { recursive: true }));

/** Opens a screen through a script that is called as ssh. */
async function over(script: string, signal = new AbortController().signal): Promise<Channel> {
  const program = join(directory, 'ssh');
  await writeFile(program, `#!/bin/bash\n${script}\n`);
  await chmod(program, 0o755);
  const at = { address: '::1', port: 5901 };
  return openChannel({ by: 'ssh', program, words: ['-p', '22'], host: '-oEvil', at }, signal);
}

const failure = (opening: Promise<unknown>): Promise<unknown> => opening.catch((error: unknown) => error);

it('calls the program with the address first, and the host where it is no option', async () => {
  const channel = await over(`printf '%s\\n' "$@" > ${directory}/words; printf 'RFB 003.008\\n'; exec cat`);
  channel.end();
  expect(await readFile(join(directory, 'words'), 'utf8')).toBe('-W\n[::1]:5901\n-p\n22\n--\n-oEvil\n');
});

it.each([
  ['echo Banner >&2; echo Refused >&2; exit 255', 'Refused', undefined],
  ['exit 255', 'ssh has failed', undefined],
  ['echo Banner >&2', 'it closed the connection', undefined],
  [String.raw`printf 'a\033[2Jb\n' >&2; exit 255`, 'a\uFFFD[2Jb', undefined],
  ['echo HTTP/1.1 400 >&1; sleep 60', 'what answers there speaks no VNC', undefined],
  [
    'echo "channel 0: open failed: administratively prohibited: open failed" >&2; echo "stdio forwarding failed" >&2; exit 255',
    'sshd there lets nobody be led on',
    expect.stringMatching(/AllowTcpForwarding yes/u),
  ],
  [
    'echo "channel 0: open failed: connect failed: Connection refused" >&2; exit 255',
    'sshd there does not come to it: Connection refused',
    expect.stringMatching(/run plow on the hypervisor/u),
  ],
])('tells why %s is no screen', async (script, text, hint) => {
  const error = await failure(over(script));
  expect(error).toBeInstanceOf(NoChannel);
  expect(error).toMatchObject({ message: text, hint });
});

it('tells that there is no such program', async () => {
  const at = { socket: '/vnc.sock' };
  const to = { by: 'ssh', program: '/nowhere/ssh', words: [], host: 'hv', at } as const;
  expect(await failure(openChannel(to, new AbortController().signal))).toMatchObject({
    message: 'there is no /nowhere/ssh on this machine',
  });
});

it('is given up at once, and ends the program', async () => {
  const controller = new AbortController();
  const opening = failure(
    over(
      `trap 'touch ${directory}/ended; exit' TERM; touch ${directory}/up; while :; do read -t 1; done`,
      controller.signal,
    ),
  );
  await expect.poll(() => readdir(directory)).toContain('up');
  controller.abort();
  expect(await opening).toBeInstanceOf(NoChannel);
  await expect.poll(() => readdir(directory)).toContain('ended');
});

it('tells a program that failed from one that did its work', async () => {
  const broken = await over(`printf 'RFB 003.008\\n'; echo 'Connection reset' >&2; exit 255`);
  expect(await broken.whyBroken()).toBe('Connection reset');
  const whole = await over(`printf 'RFB 003.008\\n'; echo 'bye' >&2; exit 0`);
  expect(await whole.whyBroken()).toBeUndefined();
});
