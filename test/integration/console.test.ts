import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { addBusyboxImage } from '../lab/guest-image.ts';
import { PLOW, useHost } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const host = useHost();

const DRIVER = fileURLToPath(new URL('on-terminal.py', import.meta.url));
const LINES = 100_000;

interface Told {
  readonly code: number;
  readonly shown: string;
  readonly restored: boolean;
  readonly end_ms: number;
  readonly echo_ms: readonly number[];
  readonly runs: readonly { readonly code: number; readonly stderr: string }[];
  readonly unharmed?: boolean;
  readonly lines_ms?: number;
}

type Step = readonly [string, ...(string | number)[]];

/** Until the guest's shell has the keys. */
const READY: readonly Step[] = [
  ['see', 'Ctrl-] leaves it'],
  ['raw'],
  ['type', '\u0015\r'],
  ['see', 'web:/# '],
];

/** `plow console web` on a terminal, and what is done there. */
async function onTerminal(steps: readonly Step[], ...options: readonly string[]): Promise<Told> {
  const argv = ['python3', DRIVER, JSON.stringify(steps), ...PLOW, 'console', ...options, 'web'];
  return JSON.parse(
    await host().sh(argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')),
  ) as Told;
}

const again = (...options: readonly string[]): Step => ['run', ...PLOW, 'console', ...options, 'web'];

beforeAll(async () => {
  await addBusyboxImage(host().lab, 'h1');
}, 120_000);

it(
  'is a line to the guest, for one at a time, until somebody leaves or the VM stops',
  { timeout: 300_000 },
  async () => {
    const image = `${IMAGES}/busybox.qcow2`;
    await host().given(vm({ boot_disk: { image, size_gb: 1 }, cloud_init: { fqdn: 'web.example.org' } }));
    // Reads until it is there: what is typed sooner may get lost.
    const up = await host().plowInShell(`"$@" console web < /dev/null | grep -m 1 'web is up'`);
    expect([up.code, up.stdout.trim(), up.stderr]).toEqual([0, 'web is up', '']);

    const numbers = `stty -echo; echo go; seq ${LINES} | sed 's/^.$/0&/; s/.*\\(..\\)$/\\1/'; stty echo\r`;
    const talk = await onTerminal([
      ...READY,
      ['echo', 60],
      ['type', `\u0015${numbers}`],
      ['see', '\ngo\r\n'],
      ['lines', LINES],
      ['see', 'web:/# '],
      again(),
      ['type', '\u001D'],
      ['end'],
    ]);
    expect(talk).toMatchObject({ code: 0, restored: true, unharmed: true });
    expect(talk.shown).toContain("left the console of VM 'web'");
    expect(talk.runs).toEqual([
      {
        code: 4,
        stderr: `error: somebody else has the console of VM 'web' open
detail: operation failed: Active console session exists for this domain
hint: another plow console, virsh console or the like; plow console --force web takes it over
`,
      },
    ]);
    const median = talk.echo_ms.toSorted((a, b) => a - b)[talk.echo_ms.length / 2] ?? 0;
    console.log(`a letter is back after ${median.toFixed(1)} ms, ${LINES} lines after ${talk.lines_ms} ms`);
    expect(median).toBeLessThan(500);

    const overtaken = await onTerminal([
      ...READY,
      ['run', 'timeout', '3', ...PLOW, 'console', '--force', 'web'],
      ['end'],
    ]);
    expect(overtaken).toMatchObject({ code: 4, restored: true });
    expect(overtaken.shown).toContain("somebody else has taken the console of VM 'web' over");

    for (const [name, code] of [
      ['SIGTERM', 143],
      ['SIGHUP', 129],
      ['SIGINT', 130],
      ['SIGQUIT', -3],
    ] as const) {
      const killed = await onTerminal([...READY, ['signal', name], ['end']]);
      expect([name, killed.code, killed.restored]).toEqual([name, code, true]);
    }

    const stopped = await onTerminal([...READY, ['type', 'poweroff -f\r'], ['end']]);
    expect(stopped).toMatchObject({ code: 0, restored: true });
    expect(stopped.shown).toContain("VM 'web' has stopped");

    const off = await host().plow(['console', 'web']);
    expect([off.code, off.stdout, off.stderr]).toEqual([
      4,
      '',
      `error: VM 'web' is not running
detail: Requested operation is not valid: domain is not running
hint: plow start web starts it
`,
    ]);
    expect((await host().plow(['destroy', 'web'])).code).toBe(0);
  },
);

it('is left at once while libvirtd hangs', { timeout: 120_000 }, async () => {
  await host().given(vm());
  const pid = await host().sh('cat /run/libvirtd.pid');
  const left = await onTerminal([
    ['see', 'Ctrl-] leaves it'],
    ['raw'],
    ['run', 'kill', '-STOP', pid],
    ['type', 'abc\u001D'],
    ['see', 'left the console'],
    ['end'],
    ['run', 'kill', '-CONT', pid],
  ]);
  expect(left).toMatchObject({ code: 0, restored: true });
  // Keepalive would take 8 seconds.
  expect(left.end_ms).toBeLessThan(6000);
  await host().discard('web');
});

it('says of a VM without a serial console what to do', async () => {
  await host().foreignVm('create --paused', { name: 'mute' });
  const { code, stdout, stderr } = await host().plow(['console', 'mute']);
  expect([code, stdout, stderr]).toEqual([
    4,
    '',
    `error: VM 'mute' has no serial console
detail: internal error: cannot find character device <null>
hint: add <console type='pty'/> to its devices with virsh edit mute; plow restart mute has it take effect
`,
  ]);
  await host().virsh('destroy mute');
});
