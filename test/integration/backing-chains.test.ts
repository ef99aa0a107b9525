import { describe, expect, it } from 'vitest';
import { useHost } from './support.ts';
import { foreign, IMAGES } from './vms.ts';

const host = useHost();

const WEB = `${IMAGES}/web`;
/** The same libvirtd over another path to its socket: plow must not take it for that of this machine. */
const ELSEWHERE = 'qemu+unix:///system?socket=/run/libvirt/libvirt-sock';

function disk(path: string, { type = 'qcow2', below = '', target = 'vda' } = {}): string {
  return `<disk type='file' device='disk'><driver name='qemu' type='${type}'/><source file='${path}'/>
    ${below}<target dev='${target}' bus='scsi'/></disk>`;
}

const over = (base: string, image: string): string =>
  `mkdir -p $(dirname ${image}); qemu-img create -q -f qcow2 -u -b '${base}' -F qcow2 ${image} 1M`;
const endless = (base: string): string =>
  `<backingStore type='file'><format type='qcow2'/><source file='${base}'/><backingStore/></backingStore>`;

interface Other {
  /** Makes what stands on a file, before the VM is defined. */
  readonly prepare: (base: string, name: string) => string;
  readonly devices: (base: string, name: string) => string;
  readonly after?: (base: string, name: string) => string;
  /** What is left is a raw file. */
  readonly raw?: true;
}

const image = (name: string): string => `${IMAGES}/${name}.qcow2`;
const inside = (name: string): string => `${IMAGES}/${name}/top.qcow2`;
const pool = (name: string): string => `virsh -q pool-define-as ${name} dir --target ${IMAGES}/${name}`;

/** Each a way in which another VM stands on a disk of `web`. */
const OTHERS: Readonly<Record<string, Other>> = {
  plain: { prepare: (base, name) => over(base, image(name)), devices: (_, name) => disk(image(name)) },
  directory: { prepare: (base, name) => over(base, inside(name)), devices: (_, name) => disk(inside(name)) },
  stale: {
    prepare: (base, name) =>
      `mkdir ${IMAGES}/${name}; ${pool(name)}; virsh -q pool-start ${name}; ${over(base, inside(name))}`,
    devices: (_, name) => disk(inside(name)),
  },
  stopped: {
    prepare: (base, name) => `${pool(name)}; ${over(base, inside(name))}`,
    devices: (_, name) => disk(inside(name)),
  },
  volume: {
    prepare: (base, name) => `${pool(name)}; ${over(base, inside(name))}`,
    devices: (_, name) =>
      disk('')
        .replace("type='file'", "type='volume'")
        .replace("file=''", `pool='${name}' volume='top.qcow2'`),
  },
  written: {
    prepare: (base, name) => over(base, image(name)),
    devices: (base, name) => disk(image(name), { below: endless(base) }),
  },
  half: {
    prepare: (base, name) =>
      `${over(base, `${IMAGES}/mid.qcow2`)}; ${over(`${IMAGES}/mid.qcow2`, image(name))}`,
    devices: (_, name) =>
      disk(image(name), { below: endless(`${IMAGES}/mid.qcow2`).replace('<backingStore/>', '') }),
  },
  three: {
    prepare: (base, name) => `${over(base, inside(name))}; ${over(inside(name), image(name))}`,
    devices: (_, name) => disk(image(name)),
  },
  json: {
    prepare: (base, name) =>
      over(`json:{"driver":"qcow2","file":{"driver":"file","filename":"${base}"}}`, image(name)),
    devices: (_, name) => disk(image(name)),
  },
  dotted: {
    prepare: (base, name) => over(`json:{"driver":"qcow2","file.filename":"${base}"}`, image(name)),
    devices: (_, name) => disk(image(name)),
  },
  relative: {
    prepare: (base, name) => over(base.replace(IMAGES, '..'), inside(name)),
    devices: (_, name) => disk(inside(name)),
  },
  linked: {
    prepare: (base, name) => `ln -s ${base} ${IMAGES}/link; ${over(`${IMAGES}/link`, image(name))}`,
    devices: (_, name) => disk(image(name)),
  },
  alias: {
    prepare: () => `ln -s web ${IMAGES}/alias-of-web`,
    devices: (base) => disk(base.replace('/web/', '/alias-of-web/'), { below: '<backingStore/>' }),
  },
  data: {
    prepare: (base, name) =>
      `truncate -s 1M ${base}; qemu-img create -q -f qcow2 -o data_file=${base} ${image(name)} 1M; truncate -s 1M ${base}`,
    devices: (_, name) => disk(image(name)),
    raw: true,
  },
  snapshot: {
    prepare: (base, name) => over(base, image(name)),
    devices: (_, name) => disk(image(name)),
    after: (_, name) => `virsh -q snapshot-create-as ${name} before --disk-only
      virsh dumpxml --inactive ${name} | sed 's,${image(name)},${IMAGES}/flat.raw,; s,<source file=.*before.*>,<source file="${IMAGES}/flat.raw"/>,' > /run/x.xml
      virsh -q define /run/x.xml; rm /run/x.xml`,
  },
};

const names = Object.keys(OTHERS);
const fileOf = (name: string): string => `${WEB}/${name}.${OTHERS[name]?.raw ? 'raw' : 'qcow2'}`;

function define(name: string, devices: string): string {
  return `cat > /run/x.xml << 'X'
<domain type='qemu'><name>${name}</name><memory unit='MiB'>64</memory>
<os><type arch='x86_64' machine='q35'>hvm</type></os><devices>${devices}</devices></domain>
X
virsh -q define /run/x.xml; rm /run/x.xml
`;
}

/** A VM `web` with a disk for each, and one that nobody stands on. */
function web(): string {
  const files = [...names.map(fileOf), `${WEB}/free.qcow2`];
  const devices = files.map((file, index) =>
    disk(file, {
      target: `sd${String.fromCodePoint(97 + index)}`,
      type: file.endsWith('raw') ? 'raw' : 'qcow2',
    }),
  );
  return `mkdir ${WEB}; qemu-img create -q -f qcow2 /run/empty 1M
    for file in ${files.join(' ')}; do cp /run/empty $file; done; rm /run/empty
    ${define('web', devices.join(''))}`;
}

function others(): string {
  return Object.entries(OTHERS)
    .map(([name, { prepare, devices, after }]) => {
      const base = fileOf(name);
      return `${prepare(base, name)}\n${define(name, devices(base, name))}${after?.(base, name) ?? ''}`;
    })
    .join('\n');
}

describe('a disk that a VM which is off stands on is left and named', () => {
  it.each([
    ['on the hypervisor', 'qemu:///system'],
    ['from elsewhere', ELSEWHERE],
  ])(
    '%s, in each way',
    async (_, uri) => {
      await host().sh(`${web()}\n${others()}`);
      const pools = await host().virsh('pool-list --all --name');
      const { code, stderr } = await host().plow(['--connect', uri, 'destroy', 'web']);
      const notes = names.map((name) => `note: left: ${fileOf(name)} (VM '${name}' stands on it)`);
      expect({ code, notes: stderr.trim().split('\n').toSorted() }).toEqual({
        code: 0,
        notes: [...notes, foreign('web').trim()].toSorted(),
      });
      expect(await host().sh(`ls ${WEB}/*`)).toBe(names.map(fileOf).toSorted().join('\n'));
      expect(await host().virsh('pool-list --all --name')).toBe(pools);
      await host().sweep();
    },
    180_000,
  );
});

describe('a disk that cannot be looked at', () => {
  it('keeps what it may stand on, and is named', async () => {
    const device = '/dev/disk9';
    const own = `${WEB}/own.qcow2`;
    await host().sh(`mkdir ${WEB}; qemu-img create -q -f qcow2 ${own} 1M; mknod ${device} b 240 9
      ${define('web', disk(own))}
      ${define('other', disk(device).replace("type='file'", "type='block'").replace('file=', 'dev='))}`);
    const destroyed = await host().plow(['destroy', 'web']);
    expect(destroyed).toMatchObject({
      code: 0,
      stderr: `${foreign('web')}note: left: ${own} (VM 'other' may stand on it: its disk ${device} could not be looked at: a device in no active pool)\n`,
    });
    await host().sh(`test -f ${own}; rm -r ${WEB} ${device}; virsh -q undefine other`);
  });
});

describe('a directory that a VM names as a disk', () => {
  // Its error may come before the answer to the call that opened the stream: then the client closes the
  // connection.
  it('is not read as a file is', async () => {
    const own = `${WEB}/own.qcow2`;
    const directory = `${IMAGES}/folder`;
    await host().sh(`mkdir ${WEB} ${directory}; qemu-img create -q -f qcow2 ${own} 1M
      ${define('web', disk(own))} ${define('other', disk(directory))}`);
    const destroyed = await host().plow(['--connect', ELSEWHERE, '--verbose', 'destroy', 'web']);
    expect(destroyed).toMatchObject({ code: 0 });
    const read = [...destroyed.stderr.matchAll(/virStorageVolDownload (?<path>\S+)/gu)];
    expect(new Set(read.map(({ groups }) => groups?.['path']))).toStrictEqual(new Set([own]));
    await host().sh(`! test -e ${WEB}; rmdir ${directory}; virsh -q undefine other`);
  });
});

/** So many that libvirtd is asked to read the directory anew, and is believed. */
describe('one overlay of many, in a pool that does not know it yet', () => {
  it('keeps the disk that it stands on', async () => {
    const own = `${WEB}/own.qcow2`;
    const flat = Array.from({ length: 12 }, (_, index) => `${IMAGES}/flat${index}.raw`);
    const late = `${IMAGES}/late.qcow2`;
    await host().sh(`mkdir ${WEB}; qemu-img create -q -f qcow2 ${own} 1M
      for file in ${[...flat, late].join(' ')}; do truncate -s 1M $file; done
      virsh -q pool-create-as images dir --target ${IMAGES}; rm ${late}; ${over(own, late)}
      ${define('web', disk(own))}
      ${[...flat, late].map((path) => define(`vm-${path.replace(/\W/gu, '-')}`, disk(path))).join('\n')}`);
    const destroyed = await host().plow(['--connect', ELSEWHERE, '--verbose', 'destroy', 'web']);
    expect(destroyed.stderr).toContain(
      `note: left: ${own} (VM 'vm-${late.replace(/\W/gu, '-')}' stands on it)\n`,
    );
    expect(destroyed.stderr).not.toMatch(/virStorageVolDownload \S+(?:flat|late)/u);
    await host().virsh('pool-destroy images');
    await host().sweep();
  });
});
