// Eight hosts over ssh with a round trip time, without and with connections that ssh keeps.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { inPairs, ms, table, time } from '../clock.mjs';
import { names, settings, sh } from './machines.mjs';
import { promise } from './promise.mjs';

const RELAY = fileURLToPath(new URL('../slow-socket.mjs', import.meta.url));
const SSHD = fileURLToPath(new URL('../../lab/sshd.sh', import.meta.url));
const FAR_MS = 50;
const HOSTS = names(8);

const address = (host) => `10.77.0.${10 + Number(host.slice(1))}`;
const port = (host) => 2200 + Number(host.slice(1));

/** A home of its own for root in each host, and the user that sshd wants: nobody else sees them. */
const HOME = `mount -t tmpfs none /root; mkdir -m 700 /root/.ssh; mkdir -p /run/sshd; cp /etc/passwd /run/passwd
  echo sshd:x:65533:65533::/run/sshd:/bin/false >> /run/passwd; mount --bind /run/passwd /etc/passwd`;

const OPTIONS = ['UsePAM=no', 'StrictModes=no', 'PermitRootLogin=yes', 'HostKey=/run/sshd/key'];

function serve(bench) {
  for (const host of HOSTS) sh(bench, host, HOME);
  sh(bench, 'h1', "ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519");
  const key = sh(bench, 'h1', 'cat /root/.ssh/id_ed25519.pub').trim();
  for (const host of HOSTS) {
    const options = [...OPTIONS, `ListenAddress=${address(host)}`].map((option) => `-o ${option}`).join(' ');
    sh(
      bench,
      host,
      `echo '${key}' > /root/.ssh/authorized_keys; ssh-keygen -q -t ed25519 -N '' -f /run/sshd/key
      ${SSHD} -f /dev/null ${options} > /dev/null 2>&1`,
    );
  }
}

/** @param more of ssh_config(5) */
const configure = (bench, more) =>
  sh(
    bench,
    'h1',
    `printf '%s\\n' 'StrictHostKeyChecking accept-new' 'LogLevel ERROR' ${more} > /root/.ssh/config`,
  );

export async function far(bench) {
  serve(bench);
  const lines = HOSTS.map((host) => `${port(host)}=${address(host)}:22`);
  const relay = spawn(
    'nsenter',
    ['-t', String(bench.pidOf('h1')), '-n', '--', bench.node, RELAY, String(FAR_MS), ...lines],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(relay.stdout, 'data');
  const config = settings(
    bench,
    'far.yaml',
    Object.fromEntries(HOSTS.map((host) => [host, `qemu+ssh://root@127.0.0.1:${port(host)}/system`])),
  );
  const list = (...words) => {
    const begun = performance.now();
    const command = `${bench.plow} --config ${config} list --all ${words.join(' ')}`;
    sh(bench, 'h1', `HOME=/root ${bench.node} ${command} > /dev/null`);
    return performance.now() - begun;
  };
  const both = () => ({ one: list('--host', 'h8'), all: list('--all-hosts') });
  try {
    configure(bench, '');
    list('--all-hosts'); // Keys of hosts are known from now on.
    const rounds = await inPairs(bench.rounds, () => {
      configure(bench, '');
      const cold = both();
      configure(bench, "'ControlMaster auto' 'ControlPath /root/.ssh/cm-%C' 'ControlPersist 60'");
      list('--all-hosts');
      const warm = both();
      sh(bench, 'h1', 'for s in /root/.ssh/cm-*; do ssh -o ControlPath=$s -O exit x 2> /dev/null; done');
      return { cold, warm, start: time(bench.node, ['-e', '0']) };
    });
    table(
      `Over ssh, ${FAR_MS} ms, 100 VMs each: plow list --all (median of ${bench.rounds})`,
      { '1 host': ({ one }) => ms(one), '8 hosts': ({ all }) => ms(all) },
      [
        ...['cold', 'warm'].map((key) => ({
          name: key === 'cold' ? 'ssh' : 'ssh with warm masters',
          one: rounds.of((round) => round[key].one),
          all: rounds.of((round) => round[key].all),
        })),
        { name: 'node -e 0', one: rounds.of(({ start }) => start), all: rounds.of(({ start }) => start) },
      ],
    );
    for (const [key, words, most] of [
      ['cold', 'ssh', 2],
      ['warm', 'warm masters', 0.6],
    ]) {
      promise(`1 host, ${words}`, rounds.of((round) => round[key].one) / 1000, most, 's');
      promise(`8 hosts, ${words}`, rounds.of((round) => round[key].all) / 1000, most, 's');
    }
  } finally {
    relay.kill();
  }
}
