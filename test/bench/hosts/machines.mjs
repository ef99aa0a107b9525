// The hypervisors of the bench: what is on them, and what their settings are.
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vmYaml } from '../rivals.mjs';

/** Runs a shell command in a host. @returns what it prints */
export function sh({ run }, host, command) {
  const { status, stdout, stderr } = run(['exec', host, 'sh', '-ec', command], { stdio: 'pipe' });
  if (status !== 0) throw new Error(`${host}: ${command}\nended with ${status}: ${stderr}`);
  return stdout;
}

export const names = (count, first = 1) => Array.from({ length: count }, (_, index) => `h${first + index}`);

export const socketOf = ({ name }, host) => `/tmp/${name}/${host}/run/libvirt/libvirt-sock`;

/** The document of a VM of plow's that does not run: with its metadata, as those of real hosts have it. */
export function template(bench) {
  const file = join(bench.work, 'bench.yaml');
  writeFileSync(file, vmYaml('bench'));
  sh(bench, 'h1', `${bench.node} ${bench.plow} create ${file} > /dev/null 2>&1`);
  const document = sh(bench, 'h1', 'virsh dumpxml --inactive bench');
  sh(bench, 'h1', `${bench.node} ${bench.plow} destroy --yes bench > /dev/null 2>&1`);
  return document.replace(/<nvram.*<\/nvram>/u, '');
}

/** Defines VMs in a host, in one virsh. @param first number in their names */
export function define(bench, document, host, count, first = 0) {
  const [, uuid] = /<uuid>(.*)<\/uuid>/u.exec(document);
  const calls = Array.from({ length: count }, (_, index) => {
    const vm = `${host}-${first + index}`;
    const file = join(bench.work, `${vm}.xml`);
    writeFileSync(
      file,
      document.replaceAll(uuid, randomUUID()).replace('<name>bench</name>', `<name>${vm}</name>`),
    );
    return `define ${file}`;
  });
  const script = join(bench.work, `${host}.virsh`);
  writeFileSync(script, calls.join('; '));
  sh(bench, host, `virsh "$(cat ${script})" > /dev/null`);
}

/** Writes a settings file. @param sockets of the hosts by name */
export function settings({ work }, file, sockets) {
  const path = join(work, file);
  const lines = Object.entries(sockets).map(
    ([host, socket]) =>
      `  ${host}: { connect: "${socket.includes(':') ? socket : `qemu+unix:///system?socket=${socket}`}" }`,
  );
  writeFileSync(path, ['hosts:', ...lines, ''].join('\n'));
  return path;
}

/** Settings of so many hosts over their own sockets. */
export const settingsOf = (bench, hosts) =>
  settings(
    bench,
    `settings-${hosts.length}.yaml`,
    Object.fromEntries(hosts.map((host) => [host, socketOf(bench, host)])),
  );
