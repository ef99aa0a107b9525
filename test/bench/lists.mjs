// plow list beside virsh: how long, how long until something is seen, how much memory; and over a line that
// is slow.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inTurn, median, ms, peakMemory, table, watch } from './clock.mjs';

const MEMORY_ROUNDS = 3;
/** A call per domain takes virsh a quarter of a minute. */
const SLOW_ROUNDS = 3;
const SLOW_LINE_MS = 50;

export async function lists({ plow, rounds }, count) {
  const commands = [
    ['plow list --all', plow, ['list', '--all']],
    ['plow list --all -o wide', plow, ['list', '--all', '-o', 'wide']],
    ['plow list --all -o json', plow, ['list', '--all', '-o', 'json']],
    ['virsh list --all', 'virsh', ['list', '--all']],
  ];
  const rivals = commands.map(([name, command, args]) => ({ name, run: () => watch(command, args) }));
  const rows = await inTurn(rounds, rivals);
  const memory = commands.map(([, command, args]) =>
    median(Array.from({ length: MEMORY_ROUNDS }, () => peakMemory(command, args))),
  );
  table(
    `List ${count} domain${count > 1 ? 's' : ''} (median of ${rounds})`,
    {
      time: ({ total }) => ms(total),
      'first byte': ({ firstByte }) => ms(firstByte),
      'max RSS': ({ peak }) => `${peak.toFixed(0)} MiB`,
    },
    rows.map((row, index) => ({ ...row, peak: memory[index] })),
  );
}

/** What comes after the connection, which takes both as many round trips as libvirt makes of it. */
export async function listsOverSlowLine({ plow, work }, count) {
  const socket = join(work, 'slow');
  const relay = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('slow-socket.mjs', import.meta.url)),
      String(SLOW_LINE_MS),
      `${socket}=/run/libvirt/libvirt-sock`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(relay.stdout, 'data');
  const uri = `qemu+unix:///system?socket=${socket}`;
  const afterOpening = async (args) => {
    const { total, marked } = await watch(
      plow,
      ['-c', uri, '--verbose', 'list', '--all', ...args],
      'virConnectOpen',
    );
    return { total, listing: total - marked };
  };
  const virsh = async () => {
    const { total: opening } = await watch('virsh', ['-c', uri, 'uri']);
    const { total } = await watch('virsh', ['-c', uri, 'list', '--all']);
    return { total, listing: total - opening };
  };
  try {
    const rows = await inTurn(SLOW_ROUNDS, [
      { name: 'plow list --all', run: () => afterOpening([]) },
      { name: 'plow list --all -o wide', run: () => afterOpening(['-o', 'wide']) },
      { name: 'virsh list --all', run: virsh },
    ]);
    table(
      `List ${count} domains with a round trip time of ${SLOW_LINE_MS} ms (median of ${SLOW_ROUNDS})`,
      { time: ({ total }) => ms(total), 'after opening': ({ listing }) => ms(listing) },
      rows,
    );
  } finally {
    relay.kill();
  }
}
