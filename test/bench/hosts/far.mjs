// Eight hosts over ssh with a round trip time, without and with connections that ssh keeps.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { inPairs, ms, table } from '../clock.mjs';
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
  const list = () => {
    const begun = performance.now();
    sh(
      bench,
      'h1',
      `HOME=/root ${bench.node} ${bench.plow} --config ${config} list --all --all-hosts > /dev/null`,
    );
    return performance.now() - begun;
  };
  try {
    configure(bench, '');
    list();
    const rounds = await inPairs(bench.rounds, () => {
      configure(bench, '');
      const cold = list();
      configure(bench, "'ControlMaster auto' 'ControlPath /root/.ssh/cm-%C' 'ControlPersist 60'");
      list();
      const warm = list();
      sh(bench, 'h1', 'for s in /root/.ssh/cm-*; do ssh -o ControlPath=$s -O exit x 2> /dev/null; done');
      return { cold, warm };
    });
    const rows = [
      { name: 'ssh', value: rounds.of(({ cold }) => cold) },
      { name: 'ssh with warm masters', value: rounds.of(({ warm }) => warm) },
    ];
    table(
      `8 hosts over ssh, ${FAR_MS} ms, 100 VMs each: plow list --all --all-hosts (median of ${bench.rounds})`,
      { time: ({ value }) => ms(value) },
      rows,
    );
    promise('ssh', rows[0].value / 1000, 2, 's');
    promise('with warm masters', rows[1].value / 1000, 0.6, 's');
  } finally {
    relay.kill();
  }
}
