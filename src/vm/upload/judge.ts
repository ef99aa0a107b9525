import type { ConfigPath, DiskFormat, LocalImage, Machine } from '../../config/machine.ts';
import { GIB } from '../../text/units.ts';
import { HEAD_BYTES, judgeHead, judgeImage } from '../image-format/head.ts';
import { whyNoMedium } from '../image-format/medium.ts';
import { readQcow2Header } from '../image-format/qcow2-header.ts';
import { changed } from './fingerprint.ts';
import { whyCutOff } from './cut-off.ts';
import { HEAD_BYTES as RECORD_BYTES } from './record.ts';

/** An image of this machine on which a VM can be built. */
export interface SoundImage {
  readonly format: DiskFormat;
  /** Virtual size. */
  readonly capacityBytes: number;
}

/** What is wrong with an image, and where the VM file says so. */
export interface ImageMistake {
  readonly path: ConfigPath;
  readonly text: string;
}

const SECTOR_BYTES = 512;
const IMAGE = ['boot_disk', 'image'];
const MEDIUM = ['cdrom', 'image'];

/** Judges an image before a byte of it is sent, as one on the hypervisor is judged. @throws PlowError */
export async function judgeLocalImage(
  file: LocalImage,
  { bootDisk: { imageFormat, sizeGib } }: Machine,
): Promise<SoundImage | ImageMistake> {
  const buffer = new Uint8Array(HEAD_BYTES);
  const head = buffer.subarray(0, await file.read(buffer, 0));
  const first = judgeHead(head);
  const judged = 'problem' in first ? first : judgeImage(file.path, imageFormat, first.format, head);
  const wrong = (problem: string): ImageMistake => ({ path: IMAGE, text: `${file.path} ${problem}` });
  if ('problem' in judged) return wrong(judged.problem);
  const { format } = judged;
  if (format === 'raw' && file.bytes % SECTOR_BYTES !== 0)
    return wrong('is not a disk image: it has no qcow2 header and is not made of whole sectors');
  if (file.bytes < RECORD_BYTES) return wrong(`is too small to be brought: it has ${file.bytes} bytes`);
  const cut = format === 'qcow2' ? await whyCutOff(file, head) : undefined;
  if (cut !== undefined) return wrong(cut);
  if (!file.isAsItWas()) throw changed(file);
  const capacityBytes = readQcow2Header(head)?.capacityBytes ?? file.bytes;
  if (capacityBytes <= sizeGib * GIB) return { format, capacityBytes };
  const gib = Number((capacityBytes / GIB).toFixed(2));
  const text = `${sizeGib} GiB is smaller than the image (${gib} GiB): give at least ${Math.ceil(capacityBytes / GIB)}`;
  return { path: ['boot_disk', 'size_gb'], text };
}

/** As judgeLocalImage, of an install medium. @throws PlowError */
export async function judgeLocalMedium(file: LocalImage): Promise<{ readonly format: 'iso' } | ImageMistake> {
  const buffer = new Uint8Array(HEAD_BYTES);
  const problem = whyNoMedium(buffer.subarray(0, await file.read(buffer, 0)));
  if (!file.isAsItWas()) throw changed(file);
  return problem === undefined ? { format: 'iso' } : { path: MEDIUM, text: `${file.path} ${problem}` };
}
