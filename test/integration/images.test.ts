import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { PLOW, useHost } from './support.ts';
import { created, IMAGES, vm } from './vms.ts';

const host = useHost();

const SECRET = '/run/secret';
const ALONE = 'a base image must stand alone';
const OTHERS = 'users other than root may change';

/** Names, how each is made, and what is told of it. */
const HEADS: readonly (readonly [file: string, command: string, problem: string])[] = [
  [
    'backing.qcow2',
    `qemu-img create -u -q -f qcow2 -F raw -b ${SECRET} $0 1M`,
    `is itself an overlay on ${SECRET}: ${ALONE}`,
  ],
  [
    'fat.qcow2',
    'qemu-img create -u -q -f qcow2 -F raw -b fat:/etc $0 1M',
    `is itself an overlay on fat:/etc: ${ALONE}`,
  ],
  [
    'json.img',
    `qemu-img create -u -q -f qcow2 -F raw -b 'json:{"driver":"raw","file":{"driver":"file","filename":"${SECRET}"}}' $0 1M`,
    'is itself an overlay on json:',
  ],
  [
    'data.qcow2',
    'qemu-img create -q -f qcow2 -o data_file=/run/data $0 1M',
    `whose data are in another file: ${ALONE}`,
  ],
  [
    'luks.qcow2',
    // QEMU measures how fast the machine is, which fails on a busy one.
    'for try in 1 2 3 4 5; do qemu-img create -q -f qcow2 --object secret,id=s,data=a -o encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10 $0 1M && break; done',
    'is an encrypted qcow2 image',
  ],
  ['huge.qcow2', 'qemu-img create -q -f qcow2 $0 100T', 'is a qcow2 image of more than 64 TiB'],
  // What a guest can write to its disk.
  [
    'guest.raw',
    `qemu-img create -u -q -f qcow2 -F raw -b ${SECRET} $0 1M`,
    `is itself an overlay on ${SECRET}: ${ALONE}`,
  ],
  ['named.raw', `cp ${IMAGES}/tiny.qcow2 $0`, 'is called .raw and has a qcow2 header'],
  ['old.img', 'qemu-img create -q -f vdi $0 1M', 'is vdi, and a base image must be qcow2 or raw'],
  [
    'packed.img',
    `gzip -c ${IMAGES}/tiny.raw > $0; truncate -s 4096 $0`,
    'is gzip, and a base image must be qcow2 or raw',
  ],
  ['page.img', "echo '<html>' > $0; truncate -s 4096 $0", 'is a web page, not a disk image'],
  ['shadow.raw', `cp ${SECRET} $0`, 'no boot sector or partition table'],
];

const PLACES: readonly (readonly [file: string, command: string, problem: string])[] = [
  ['char.raw', 'mknod $0 c 1 5', 'is a device, a pipe or the like'],
  ['block.raw', 'mknod $0 b 7 0', 'is a device, a pipe or the like'],
  ['pipe.raw', 'mkfifo $0', 'is a device, a pipe or the like'],
  ['link.raw', `ln -s ${SECRET} $0`, `leads to ${SECRET} through a link`],
  ['way/tiny.raw', 'ln -s . ${0%/*}', `leads to ${IMAGES}/tiny.raw through a link`],
  ['mine.raw', `cp ${IMAGES}/tiny.raw $0; chown 1000 $0`, `${OTHERS} ${IMAGES}/mine.raw`],
  ['all.raw', `cp ${IMAGES}/tiny.raw $0; chmod 666 $0`, `${OTHERS} ${IMAGES}/all.raw`],
  ['open/tiny.raw', `mkdir -m 1777 \${0%/*}; cp ${IMAGES}/tiny.raw $0`, `${OTHERS} ${IMAGES}/open`],
  ['private.raw', `cp ${IMAGES}/tiny.raw $0; chmod 600 $0`, "cannot be read by QEMU's user"],
];

/** Those that would have libvirtd read something else. */
const READS = /^(?:backing|fat|data|guest)/u;

const REMOVE = `cd ${IMAGES}; rm -rf ${[...HEADS, ...PLACES].map(([file]) => file.split('/')[0]).join(' ')} /run/data ${SECRET}`;

function make(all: typeof HEADS): Promise<string> {
  const commands = all.map(([file, command]) =>
    command
      .replaceAll(/\$\{?0/gu, (zero) => zero.replace('0', 'image'))
      .replace(/^/u, `image=${IMAGES}/${file}; `),
  );
  return host().sh(
    `head -c 8192 /dev/zero | tr '\\0' s > ${SECRET}; chmod 600 ${SECRET}\n${commands.join('\n')}`,
  );
}

interface Case {
  readonly image: string;
  readonly format: 'qcow2' | 'raw';
  readonly file: string;
  readonly problem: string;
}

/** A file of a VM for each image and format. */
async function files(all: typeof HEADS): Promise<readonly Case[]> {
  const cases = all.flatMap(([image, , problem]) =>
    (['qcow2', 'raw'] as const).map((format) => ({ image, format, problem })),
  );
  return Promise.all(
    cases.map(async ({ image, format, problem }, index) => {
      const network_interfaces = [{ ip: `10.77.1.${index + 1}/16`, gateway: '10.77.0.1', bridge: 'br0' }];
      const boot_disk = { image: `${IMAGES}/${image}`, size_gb: 1, format };
      const file = await host().write(
        vm({ name: `vm${index}`, boot_disk, network_interfaces }),
        `vm${index}.yaml`,
      );
      return { image, format, file, problem };
    }),
  );
}

/** The diagnostics about images that were told, of each file. */
function untold(stderr: string, cases: readonly Pick<Case, 'file' | 'problem'>[]): readonly string[] {
  const lines = stderr.split('\n');
  return cases
    .filter(
      ({ file, problem }) =>
        !lines.some((line) => line.startsWith(`error: ${file}:`) && line.includes(problem)),
    )
    .map(({ file, problem }) => `${file}: ${problem}`);
}

describe('an image that names other files, or is none', () => {
  it('is refused by validate --on-host, and by create, of which libvirtd would make copies with all rights', async () => {
    await make(HEADS);
    const cases = await files(HEADS);
    const validated = await host().plow(['validate', '--on-host', ...cases.map(({ file }) => file)]);
    expect(validated.code).toBe(2);
    expect(untold(validated.stderr, cases)).toEqual([]);
    const copies = cases.filter(({ image, format }) => format === 'raw' && READS.test(image));
    expect(copies).toHaveLength(4);
    const { stdout, stderr } = await host().plowInShell(
      `for file in ${copies.map(({ file }) => file).join(' ')}; do "$@" create $file || echo $?; done`,
    );
    expect(stdout.split('\n').filter((line) => /^\d+$/u.test(line))).toEqual(['2', '2', '2', '2']);
    expect(untold(stderr, copies)).toEqual([]);
    await host().sh(REMOVE);
  });

  it('is refused from another machine, where its bytes come through libvirt', async () => {
    await make(HEADS);
    const cases = await files(HEADS);
    const [node = 'node', ...plow] = PLOW;
    const argv = ['-c', host().lab.uri('h1'), 'validate', '--on-host', ...cases.map(({ file }) => file)];
    const child = spawn(node, [...plow, ...argv], { env: {} });
    const ended = once(child, 'close');
    expect(untold(await text(child.stderr), cases)).toEqual([]);
    await ended;
    await host().sh(REMOVE);
  });
});

describe('an image in a place that is not safe', () => {
  it('is refused by validate --on-host, a dry run and create', async () => {
    await make(PLACES);
    const cases = await files(PLACES);
    const all = cases.map(({ file }) => file);
    const validated = await host().plow(['validate', '--on-host', ...all]);
    expect(validated.code).toBe(2);
    expect(untold(validated.stderr, cases)).toEqual([]);
    const copies = cases.filter(({ image, format }) => format === 'raw' && /^(?:block|link)/u.test(image));
    for (const { file, ...rest } of copies) {
      const results = [await host().plow(['create', file]), await host().plow(['create', '--dry-run', file])];
      for (const { stderr } of results) expect(untold(stderr, [{ file, ...rest }])).toEqual([]);
    }
    await host().sh(REMOVE);
  });

  it("is refused where it is another VM's disk, seed or NVRAM, off or running", async () => {
    await host().given(vm({ name: 'db', firmware: 'uefi', cloud_init: {} }));
    await host().sh(`chmod o+r ${IMAGES}/db/*`);
    const nvram = await host().sh("virsh dumpxml db | sed -n 's,.*<nvram[^>]*>\\(.*\\)</nvram>.*,\\1,p'");
    const own = ['db/boot.qcow2', 'db/cloudinit.iso', 'db/other.raw'].map(
      (file) => [file, '', "belongs to VM 'db'"] as const,
    );
    const cases = await files(own);
    const all = cases.map(({ file }) => file);
    expect(untold((await host().plow(['validate', '--on-host', ...all])).stderr, cases)).toEqual([]);
    await host().virsh('destroy db');
    expect(untold((await host().plow(['validate', '--on-host', ...all])).stderr, cases)).toEqual([]);
    const settings = await host().write({ image_dirs: ['/var/lib/libvirt'] }, 'plow.yaml');
    const file = await host().write(vm({ boot_disk: { image: nvram, size_gb: 1, format: 'raw' } }));
    expect((await host().plow(['--config', settings, 'create', file])).stderr).toContain(
      "belongs to VM 'db'",
    );
    expect((await host().plow(['destroy', 'db'])).code).toBe(0);
  });
});

describe('an image that stands alone', () => {
  it.each([
    ['of version 2', 'a.qcow2', `qemu-img convert -O qcow2 -o compat=0.10 tiny.raw a.qcow2`, {}],
    [
      'compressed with zstd',
      'a.img',
      'qemu-img convert -c -O qcow2 -o compression_type=zstd tiny.raw a.img',
      {},
    ],
    ['with a snapshot', 'a.img', 'cp tiny.qcow2 a.img; qemu-img snapshot -c one a.img', { format: 'raw' }],
    ['called otherwise', 'a.raw', 'cp tiny.qcow2 a.raw', { image_format: 'qcow2', format: 'raw' }],
  ])('is taken: %s', async (_, image, command, keys) => {
    await host().sh(`cd ${IMAGES}; ${command}`);
    const boot_disk = { image: `${IMAGES}/${image}`, size_gb: 1, ...keys };
    expect(await host().create(vm({ boot_disk }))).toEqual({ code: 0, stdout: created('web'), stderr: '' });
    await host().discard('web');
    await host().sh(`rm ${IMAGES}/${image}`);
  });
});
