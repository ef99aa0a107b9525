import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { topDocument } from '../../src/documents/top/top-schema.ts';
import { useTwoHosts } from './move/two-hosts.ts';
import { PLOW } from './support.ts';
import { IMAGES, vm } from './vms.ts';

const hosts = useTwoHosts();
const ON_TERMINAL = fileURLToPath(new URL('on-terminal.py', import.meta.url));

/** A guest that jumps to where it is. */
const SPIN = String.raw`\xEB\xFE`;
const BUSY = `${IMAGES}/busy.raw`;

type Step = readonly (string | number)[];

interface Told {
  readonly code: number;
  readonly shown: string;
  readonly restored: boolean;
}

async function onTerminal(
  columns: number,
  steps: readonly Step[],
  ...words: readonly string[]
): Promise<Told> {
  const command = ['sh', '-c', `stty rows 24 cols ${columns}; exec "$@"`, 'sh', ...PLOW];
  const argv = [
    'python3',
    ON_TERMINAL,
    JSON.stringify(steps),
    ...command,
    '--config',
    hosts().config,
    ...words,
  ];
  const { code, stdout, stderr } = await hosts().run(argv, { TERM: 'xterm' });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Told;
}

const READY: readonly Step[] = [['see', 'NAME'], ['raw']];

describe('plow top', () => {
  it('tells what VMs did between two looks, with the numbers that virsh has', async () => {
    const { h1 } = hosts();
    await h1.sh(
      `bash -c "printf '${SPIN}' > ${BUSY}; truncate -s 510 ${BUSY}; printf '\\x55\\xAA' >> ${BUSY}"`,
    );
    await h1.given(vm({ memory_gib: 1, boot_disk: { image: BUSY, size_gb: 1 } }));
    const { code, stdout, stderr } = await hosts().plow('top', '-o', 'json', '--interval', '500ms');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { vms } = topDocument.parse(JSON.parse(stdout));
    expect(vms).toMatchObject([{ name: 'web', state: 'running', vcpus: 1, memory_bytes: 2 ** 30 }]);
    const [web] = vms;
    expect(web?.cpu_percent).toBeGreaterThan(0);
    expect(web?.memory_used_bytes).toBeGreaterThan(0);
    expect(web?.network_sent_bytes_per_second).toBeTypeOf('number');
    // It says so, and does nothing more: no guest runs any more.
    await h1.virsh('suspend web');
    const still = await hosts().plow('top', '-o', 'json', '--interval', '500ms');
    expect(topDocument.parse(JSON.parse(still.stdout)).vms).toMatchObject([{ state: 'paused' }]);
    await h1.discard('web');
    await h1.sh(`rm ${BUSY}`);
  });

  it('prints tables in a pipe, and so many as are asked for', async () => {
    await hosts().h1.foreignVm('create --paused', { name: 'other' });
    const { code, stdout, stderr } = await hosts().plow('top', '-n', '2', '--interval', '500ms');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const tables = stdout.split('\n\n');
    expect(tables).toHaveLength(2);
    for (const table of tables) expect(table).toMatch(/^NAME .*SENT\/s\nother {2}paused +\d+\.\d /u);
    await hosts().h1.virsh('destroy other');
    const none = await hosts().plow('top', '-n', '1', '--interval', '500ms');
    expect(none).toMatchObject({ code: 0, stderr: 'no VM is running\n' });
  });

  it('goes on in a terminal until a key, sorts by keys, and gives the terminal back', async () => {
    await hosts().h1.foreignVm('create --paused', { name: 'first' });
    await hosts().h1.foreignVm('create --paused', { name: 'second' });
    const told = await onTerminal(
      60,
      [
        ...READY,
        ['see', 'first'],
        ['see', 'second'],
        ['type', 'a'],
        ['type', 'R'],
        ['see', 'second'],
        ['see', 'first'],
        ['type', 'q'],
        ['end'],
      ],
      'top',
    );
    expect(told).toMatchObject({ code: 0, restored: true });
    const last = told.shown.slice(told.shown.lastIndexOf('NAME'));
    expect(last).toMatch(/second[^\n]*\r\nfirst/u);
    expect(last).toContain('CPU %');
    expect(last).not.toContain('SENT/s');
    for (const line of last.split('\r\n')) expect(line.length).toBeLessThanOrEqual(60);
    const interrupted = await onTerminal(80, [...READY, ['type', '\u0003'], ['end']], 'top');
    expect(interrupted).toMatchObject({ code: 130, restored: true });
    const ended = await onTerminal(80, [...READY, ['signal', 'SIGTERM'], ['end']], 'top');
    expect(ended).toMatchObject({ code: 143, restored: true });
    await hosts().h1.virsh('destroy first');
    await hosts().h1.virsh('destroy second');
  });

  it('shows all hypervisors, beside a QEMU that hangs and a hypervisor that does not answer', async () => {
    const { h1, h2 } = hosts();
    await h1.foreignVm('create --paused', { name: 'frozen' });
    await h2.foreignVm('create --paused', { name: 'well' });
    await h1.sh('kill -STOP "$(cat /run/libvirt/qemu/frozen.pid)"');
    const both = await hosts().plow('--all-hosts', 'top', '-o', 'json', '--interval', '500ms');
    await h1.sh('kill -CONT "$(cat /run/libvirt/qemu/frozen.pid)"');
    expect(both.code).toBe(0);
    const document = topDocument.parse(JSON.parse(both.stdout));
    expect(document.hosts).toMatchObject([
      { name: 'h1', is_whole: false, error: null },
      { name: 'h2', is_whole: true, error: null },
    ]);
    expect(document.vms).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ name: 'frozen', host: 'h1' }),
        expect.objectContaining({ name: 'well', host: 'h2', memory_bytes: 64 * 2 ** 20 }),
      ]),
    );
    await h1.virsh('destroy frozen');
    await h1.libvirtd('stop');
    const one = await hosts().plow('--all-hosts', 'top', '-n', '1', '--interval', '500ms');
    const alone = await hosts().plow('top', '-n', '1');
    // In a terminal it comes back by itself.
    const back = onTerminal(
      100,
      [...READY, ['see', 'h1: '], ['see', 'again'], ['type', 'q'], ['end']],
      '--all-hosts',
      'top',
      '--interval',
      '500ms',
    );
    await h1.libvirtd('start');
    await h1.virsh('uri');
    await h1.foreignVm('create --paused', { name: 'again' });
    expect(await back).toMatchObject({ code: 0, restored: true });
    await h1.virsh('destroy again');
    await h2.virsh('destroy well');
    expect(one.code).toBe(0);
    expect(one.stdout).toMatch(/^NAME {2}HOST[^\n]*\nwell {2}h2 /u);
    expect(one.stderr).toMatch(/^h1: cannot connect to /u);
    expect(alone.code).toBe(3);
    expect(alone.stderr).toMatch(/^error: cannot connect to /u);
  });
});
