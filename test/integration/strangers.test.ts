import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { PLOW, useHost } from './support.ts';
import { created, IMAGES, vm } from './vms.ts';

const host = useHost();

/** A user who tries to open the files of a VM from before it is there, and says which were opened. */
const WATCHER = `
const { openSync, writeSync } = require('node:fs');
process.setgroups([]); process.setgid(65534); process.setuid(65534);
writeSync(1, 'watching\\n');
const wanted = new Set(process.argv.slice(1));
for (;;) for (const path of wanted) {
  try { openSync(path, 'r'); } catch { continue; }
  writeSync(1, path + '\\n');
  wanted.delete(path);
}`;

/** Creates a VM under the eyes of a watcher. @returns what it could open, up to a file that everybody may */
async function openedWhileMade(config: object, files: readonly string[]): Promise<string> {
  const file = await host().write(config);
  const watched = files.map((name) => `${IMAGES}/web/${name}`).join(' ');
  const plow = PLOW.join(' ');
  return host().sh(
    `watcher=$(cat); : > /run/opened
    ${process.execPath} -e "$watcher" ${watched} ${IMAGES}/public >> /run/opened &
    trap "kill $!" EXIT
    seen() { while ! grep -q "$1" /run/opened; do sleep 0.02; done; }
    seen watching; ${plow} create ${file} > /run/created 2>&1 || cat /run/created
    touch ${IMAGES}/public; chmod 644 ${IMAGES}/public; seen public
    rm ${IMAGES}/public; cat /run/opened`,
    WATCHER,
  );
}

describe('another user of the hypervisor', () => {
  const data_disks = [{ device: 'vdb', size_gb: 1 }];

  it.each([
    ['overlay', 'qcow2', 'boot.qcow2'],
    ['image copied', 'raw', 'boot.raw'],
  ])('opens no disk of a VM while it is made, with a boot disk that is an %s', async (_, format, boot) => {
    const boot_disk = { image: `${IMAGES}/tiny.qcow2`, size_gb: 1, format };
    const config = vm({ boot_disk, data_disks, cloud_init: {} });
    expect(await openedWhileMade(config, [boot, 'data-vdb.qcow2', 'cloudinit.iso'])).toBe(
      `watching\n${IMAGES}/public`,
    );
    expect(await host().sh(`stat -c '%A %u %g' ${IMAGES}/web; virsh -q domstate web`)).toBe(
      'drwx--x--- 0 64055\nrunning',
    );
    await host().discard('web');
  });

  it('may pass through no directory that is there already, until the command told is run', async () => {
    await host().sh(`mkdir -m 0711 ${IMAGES}/web`);
    const before = await host().census();
    const { code, stderr } = await host().create(vm());
    expect({ code, stderr }).toEqual({
      code: 5,
      stderr: `error: other users may pass through ${IMAGES}/web (it has mode 0711, owner 0, group 0) and open the disks while they are made: chgrp 64055 ${IMAGES}/web && chmod 0710 ${IMAGES}/web\n`,
    });
    expect(await host().census()).toEqual(before);
    await host().sh(/: (?<repair>chgrp .*)$/mu.exec(stderr)?.groups?.['repair'] ?? 'false');
    expect(await host().create(vm())).toEqual({ code: 0, stdout: created('web'), stderr: '' });
    // As an older plow made it.
    await host().sh(`chmod 0711 ${IMAGES}/web`);
    const report = await host().plow(['doctor']);
    expect(report.code).toBe(0);
    expect(report.stdout).toContain(
      '! storage-path  other users may pass through the directories of web, and may have opened disks',
    );
    await host().sh(/→ (?<repair>chgrp .*)$/mu.exec(report.stdout)?.groups?.['repair'] ?? 'false');
    expect((await host().plow(['doctor'])).stdout).not.toContain('other users');
    expect(await host().sh('virsh -q reset web; virsh -q domstate web')).toBe('running');
    await host().discard('web');
  });

  it('may own or change neither the storage path nor what is above it', async () => {
    const file = await host().write(vm());
    await host().sh('mkdir -p /run/top/store; chmod 1777 /run/top/store');
    const argv = ['--storage-path', '/run/top/store'];
    const sticky =
      'users other than root may change what is in /run/top/store (it has mode 0777, owner 0, group 0)';
    const repair = 'chmod go-w /run/top/store, or give another with --storage-path';
    expect(await host().plow([...argv, 'create', file])).toMatchObject({
      code: 5,
      stderr: `error: ${sticky}: ${repair}\n`,
    });
    const report = await host().plow([...argv, 'doctor']);
    expect(report.code).toBe(5);
    expect(report.stdout).toContain(
      `✗ storage-path  ${sticky} [storage-path-open]\n                → ${repair}\n`,
    );
    await host().sh('chmod go-w /run/top/store; chown 1000 /run/top');
    expect(await host().plow([...argv, 'create', file])).toMatchObject({
      code: 5,
      stderr:
        'error: users other than root may change what is in /run/top (it has mode 0755, owner 1000, group 0): give another with --storage-path\n',
    });
    await host().sh('chown 0 /run/top');
    expect(await host().plow([...argv, 'create', file])).toMatchObject({ code: 0 });
    await host().discard('web');
    await host().sh('rmdir /run/top/store /run/top');
  });
});

describe('a link in place of the directory', () => {
  const REFUSED = `error: ${IMAGES}/web is a link, and a VM needs a directory of its own: remove the link, or choose another name for the VM\n`;

  it('is refused before anything is made, also by a dry run', async () => {
    await host().sh(`cd ${IMAGES}; install -d -m 0710 -g 64055 real; ln -s real web`);
    const before = await host().census();
    const file = await host().write(vm());
    for (const argv of [
      ['create', file],
      ['create', '--dry-run', file],
    ])
      expect(await host().plow(argv)).toMatchObject({ code: 5, stderr: REFUSED });
    expect(await host().census()).toEqual(before);
    await host().sh(`cd ${IMAGES}; rm web; rmdir real`);
  });

  it('is refused from another machine too, and nothing stays behind it', async () => {
    await host().sh(`cd ${IMAGES}; install -d -m 0710 -g 64055 real; ln -s real web`);
    const before = await host().census();
    const file = await host().write(vm({ cloud_init: {} }));
    const [node = 'node', ...plow] = PLOW;
    const child = spawn(node, [...plow, '-c', host().lab.uri('h1'), 'create', file], { env: {} });
    const ended = once(child, 'close');
    expect({ stderr: await text(child.stderr), code: (await ended)[0] as unknown }).toEqual({
      code: 5,
      stderr: REFUSED,
    });
    expect(await host().census()).toEqual(before);
    await host().sh(`cd ${IMAGES}; rm web; rmdir real`);
  });
});
