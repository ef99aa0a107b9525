import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Finished } from '../lab/lab.ts';
import { useHost } from './support.ts';
import { IMAGES, vm, withoutHostKeys } from './vms.ts';

const host = useHost();

const HASH = `$6$saltsalt$${'h'.repeat(86)}`;
const GUEST = {
  data_disks: [{ device: 'vdb', size_gb: 2 }],
  cloud_init: {
    root_password_hash: HASH,
    write_files: [{ path: '/etc/shadow.new', content: `root:${HASH}:1\n` }],
  },
};

/** Calls that only ask. */
const QUESTIONS =
  /^vir(?:ConnectOpenReadOnly|ConnectGet\w+|ConnectListAll\w+|\w+LookupBy\w+|\w+Get\w+|\w+Is\w+)$/u;

/** A dry run with a URI that does not say that the hypervisor is this machine. */
function fromElsewhere(file: string): Promise<Finished> {
  const uri = host()
    .lab.uri('h1')
    .replace(/\/tmp\/[^/]+\/h1/u, '');
  return host().plow(['-c', uri, 'create', '--dry-run', '-o', 'json', file]);
}

function checksIn(document: string): readonly string[] {
  const { not_checked: all } = JSON.parse(document) as { not_checked: { check: string }[] };
  return all.map(({ check }) => check);
}

/** Why the image was not looked at, or not all of it. */
function whyNoImage(document: string): string | undefined {
  const { not_checked: all } = JSON.parse(document) as { not_checked: { check: string; why: string }[] };
  return all.find(({ check }) => check === 'image')?.why;
}

/** libvirt tells domain capabilities to no connection that is read-only. */
const DONE_BUT_FEATURES = expect.stringContaining(
  'dry run: 1 check was not made (firmware and CPU mode), the others passed; nothing was made',
) as unknown;

const NO_BYTES = 'a read-only connection does not show its first bytes';

describe('plow create --dry-run', () => {
  it('prints what create then makes, and makes nothing', async () => {
    const file = await host().write(vm(GUEST));
    const before = await host().census();
    const { code, stdout, stderr } = await host().plow([
      'create',
      '--dry-run',
      '-o',
      'json',
      '--show-secrets',
      file,
    ]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: DONE_BUT_FEATURES,
    });
    expect(await host().census()).toEqual(before);
    const plan = JSON.parse(stdout) as {
      domain: string;
      volumes: { path: string; bytes: number }[];
      seed: Record<string, string>;
    };

    expect((await host().plow(['create', file])).code).toBe(0);
    const made = (view: string): Promise<string> =>
      host().sh(`isoinfo -J -i ${IMAGES}/web/cloudinit.iso -x /${view}`);
    for (const name of ['user-data', 'network-config'])
      expect(withoutHostKeys(await made(name))).toBe(withoutHostKeys(plan.seed[name] ?? ''));
    const log = plan.volumes.pop();
    expect(log).toMatchObject({ path: `${IMAGES}/web/console.log`, bytes: 0 });
    for (const { path, bytes } of plan.volumes) {
      expect(await host().imageInfo(path)).toMatchObject({ 'virtual-size': bytes });
    }
    await writeFile(join(host().files, 'planned.xml'), plan.domain.replace(/<uuid>.*<\/uuid>/u, ''));
    // libvirt lists controllers of its own in one order or another.
    const hostKeys = String.raw`s/(ssh-ed25519|ecdsa-sha2-nistp256) [^"&]*/\1/g`;
    const comparable = `sort | sed -E '/<uuid>/d; s/ uuid=.* directory=/ directory=/; ${hostKeys}'`;
    const defined = await host().sh(`virsh dumpxml --inactive web | ${comparable}`);
    await host().discard('web');
    await host().sh(`virsh -q define ${host().files}/planned.xml`);
    expect(await host().sh(`virsh dumpxml --inactive web | ${comparable}`)).toBe(defined);
    await host().virsh('undefine web');
  });

  it('only asks: every call is a question, on a connection that refuses all else', async () => {
    const file = await host().write(vm(GUEST));
    const { code, stderr } = await host().plow(['--verbose', 'create', '--dry-run', file]);
    expect(code).toBe(0);
    const calls = [...stderr.matchAll(/^libvirt: \S+ (\w+) /gmu)].map(([, call = '']) => call);
    expect(calls[0]).toBe('virConnectOpenReadOnly');
    expect(calls.length).toBeGreaterThan(5);
    expect(calls.filter((call) => !QUESTIONS.test(call))).toEqual([]);
    // The server's own word for it.
    const refused = await host().exec(['virsh', '--readonly', 'define', file]);
    expect(refused.code).not.toBe(0);
  });

  it('shows no secret unless it is asked for: a hash is masked, a document that looks as if it held one left out', async () => {
    const file = await host().write(vm({ ...GUEST, cloud_init: { root_password_hash: HASH } }));
    const own = await host().write(vm(GUEST), 'own.yaml');
    for (const options of [[], ['-o', 'json']]) {
      const { stdout } = await host().plow(['create', '--dry-run', ...options, file]);
      expect(stdout).not.toContain('hhhh');
      expect(stdout).toContain('password: (a secret: --show-secrets shows it)');
      const hidden = await host().plow(['create', '--dry-run', ...options, own]);
      expect(hidden.stdout).not.toMatch(/hhhh|shadow/u);
      expect(hidden.stdout).toMatch(/\(\d+ bytes; looks as if it held a secret: --show-secrets shows it\)/u);
      const open = await host().plow(['create', '--dry-run', '--show-secrets', ...options, own]);
      expect(open.stdout.split(HASH)).toHaveLength(3);
    }
  });

  it.each([
    [
      'a wrong bridge',
      { network_interfaces: [{ ip: '10.77.0.50/24', gateway: '10.77.0.1', bridge: 'br00' }] },
      2,
    ],
    ['a missing image', { boot_disk: { image: `${IMAGES}/nosuch.qcow2`, size_gb: 1 } }, 2],
    ['an image that is an overlay', { boot_disk: { image: `${IMAGES}/over.qcow2`, size_gb: 1 } }, 2],
    ['a machine type that is not there', { machine: 'pc-q35-99.0' }, 2],
    // A q35 of later QEMUs has that many.
    ['too many CPUs', { vcpus: 4000, machine: 'pc' }, 2],
    ['more memory than there is', { memory_gib: 60_000 }, 2],
    [
      'the address of the hypervisor itself',
      { network_interfaces: [{ ip: '10.77.0.11/24', gateway: '10.77.0.1', bridge: 'br0' }] },
      2,
    ],
  ])('tells of %s what create tells', async (_, changes, code) => {
    await host().sh(`cd ${IMAGES}; qemu-img create -q -f qcow2 -b ${IMAGES}/tiny.qcow2 -F qcow2 over.qcow2`);
    const file = await host().write(vm(changes));
    const [dry, wet] = [
      await host().plow(['create', '--dry-run', file]),
      await host().plow(['create', file]),
    ];
    expect(dry).toEqual({ code, stdout: '', stderr: wet.stderr });
    expect(dry.stderr).toMatch(/^error: /u);
    await host().sh(`rm ${IMAGES}/over.qcow2`);
  });

  it('tells of a storage path that is not there, closed or missing', async () => {
    const file = await host().write(vm());
    await host().sh(`mkdir -m 700 /run/closed`);
    for (const path of ['/run/nosuch', '/run/closed', '/etc/hosts']) {
      const dry = await host().plow(['--storage-path', path, 'create', '--dry-run', file]);
      const wet = await host().plow(['--storage-path', path, 'create', file]);
      expect(dry).toEqual({ code: 5, stdout: '', stderr: wet.stderr });
    }
    await host().sh('rmdir /run/closed');
  });

  it('says what it cannot see from another machine', async () => {
    const file = await host().write(vm());
    const { code, stdout, stderr } = await fromElsewhere(file);
    expect(code).toBe(0);
    expect(stderr).toContain(
      `note: the image ${IMAGES}/tiny.qcow2 was not looked at: no pool shows ${IMAGES}\n`,
    );
    expect(stderr).toContain(`note: the storage path ${IMAGES} was not looked at: no pool shows ${IMAGES}\n`);
    expect(stderr).toContain('dry run: 7 checks were not made (');
    expect(stderr).not.toContain('all checks passed');
    expect(checksIn(stdout)).toEqual([
      'features',
      'gateway',
      'own-address',
      'neighbours',
      'link',
      'image',
      'storage-path',
    ]);
  });

  it('takes no word of a pool that may be out of date', async () => {
    await host().sh(`virsh -q pool-create-as images dir --target ${IMAGES}`);
    await host().sh(`cp ${IMAGES}/tiny.qcow2 ${IMAGES}/new.qcow2`);
    const [old, fresh] = [
      await host().write(vm(), 'old.yaml'),
      await host().write(vm({ boot_disk: { image: `${IMAGES}/new.qcow2`, size_gb: 1 } }), 'new.yaml'),
    ];
    const known = await fromElsewhere(old);
    expect(whyNoImage(known.stdout)).toBe(NO_BYTES);
    const unknown = await fromElsewhere(fresh);
    expect(unknown.code).toBe(0);
    expect(whyNoImage(unknown.stdout)).toBe(`the pool on ${IMAGES} tells only what was there once`);
    await host().virsh('pool-refresh images');
    expect(whyNoImage((await fromElsewhere(fresh)).stdout)).toBe(NO_BYTES);
    await host().sh(`rm ${IMAGES}/new.qcow2`);
    const gone = await fromElsewhere(fresh);
    expect(gone).toMatchObject({ code: 2, stdout: '' });
    expect(gone.stderr).toContain(`boot_disk.image: ${IMAGES}/new.qcow2 does not exist on the hypervisor`);
    await host().virsh('pool-destroy images');
  });
});
