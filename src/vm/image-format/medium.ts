const SECTOR = 2048;
/** ECMA-119 6.2.1: what comes before is the system's own. */
const FIRST = 16;
const LAST = 255;

/** What the first bytes of other things are, which QEMU or libvirt would look into. */
const IMAGES: readonly (readonly [name: string, magic: string])[] = [
  ['qcow2', 'QFI\xfb'],
  ['vmdk', 'KDMV'],
  ['vmdk', 'COWD'],
  ['vmdk', '# Disk DescriptorFile'],
  ['vhdx', 'vhdxfile'],
  ['vpc', 'conectix'],
  ['qed', 'QED\0'],
  ['luks', 'LUKS\xba\xbe'],
];

/** What plow writes in place of the first bytes of what it brings: see vm/upload/record.ts. */
const UPLOAD = 'plow-upload ';

/** Volumes in which a guest looks for what it is told, and what looks there. */
const SEEDS: ReadonlyMap<string, string> = new Map([
  ['cidata', 'cloud-init'],
  ['config-2', 'cloud-init'],
  ['ignition', 'Ignition'],
  ['combustion', 'Combustion'],
]);

/**
 * Why a file is no install medium, by its first 64 KiB, in words that follow its path. A medium is an ISO
 * 9660 or UDF image, and nothing that begins as a disk image does: its drive is raw, and yet others may look
 * at it. A seed may hold secrets of another VM, and is not one that an installer boots.
 */
export function whyNoMedium(head: Uint8Array): string | undefined {
  const image = imageIn(head);
  if (image !== undefined) return `begins as a ${image} image: an install medium is an ISO`;
  if (textAt(head, 0, UPLOAD.length) === UPLOAD)
    return 'is no ISO yet: its upload did not come to its end (plow create --upload goes on with it)';
  if (!hasVolume(head)) return 'is no ISO: it has no ISO 9660 or UDF volume (CD001 or BEA01 at byte 32769)';
  const seed = seedLabel(head);
  if (seed === undefined) return undefined;
  return `is a seed of ${SEEDS.get(seed.toLowerCase()) ?? ''} (its volume is called ${seed}), and no install medium`;
}

/** Whether a file has the volume of an ISO, and does not begin as a disk image. @param head as above */
export function isIso(head: Uint8Array): boolean {
  return imageIn(head) === undefined && hasVolume(head);
}

function imageIn(head: Uint8Array): string | undefined {
  return IMAGES.find(([, magic]) => textAt(head, 0, magic.length) === magic)?.[0];
}

function hasVolume(head: Uint8Array): boolean {
  const first = textAt(head, FIRST * SECTOR + 1, 5);
  return first === 'CD001' || first === 'BEA01';
}

/** What the volume of a seed is called; undefined for what is none. @param head the first 64 KiB */
export function seedLabel(head: Uint8Array): string | undefined {
  return labels(head).find((label) => SEEDS.has(label.toLowerCase()));
}

/** What the volumes of an ISO are called, as far as the head goes. */
function labels(head: Uint8Array): readonly string[] {
  const found: string[] = [];
  for (let at = FIRST * SECTOR; textAt(head, at + 1, 5) === 'CD001' && head[at] !== LAST; at += SECTOR) {
    // Joliet's are of two bytes a letter.
    if (head[at] === 1 || head[at] === 2)
      found.push(
        textAt(head, at + 40, 32)
          .replaceAll('\0', '')
          .trim(),
      );
  }
  return found;
}

function textAt(head: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...head.subarray(at, at + length));
}
