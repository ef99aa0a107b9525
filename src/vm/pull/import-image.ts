import { posix } from 'node:path';
import type { LocalImage } from '../../config/machine.ts';
import { PlowError } from '../../errors/plow-error.ts';
import { digestText } from '../../images/digest.ts';
import type { Digest } from '../../images/digest.ts';
import type { VmContext } from '../context.ts';
import { HEAD_BYTES } from '../image-format/head.ts';
import { judgeFile } from '../image-format/judge-file.ts';
import { Pace } from '../image-store/pace.ts';
import { whyCutOff } from '../upload/cut-off.ts';
import { changed } from '../upload/fingerprint.ts';
import { bring } from './pull.ts';
import type { Pulled } from './pull.ts';
import type { ImageSource } from './source.ts';
import type { Download, PullTools } from './wanted.ts';

/** What is read of a file at a time. */
const PART_BYTES = 512 * 1024;
const SECTOR_BYTES = 512;

/** How an image is to be called that is a file of this machine. */
export interface ImportWish {
  readonly name: string;
  /** Undefined: the first digits of its digest. */
  readonly version: string | undefined;
  /** That it must have; undefined: whoever has it vouches for it. */
  readonly digest: Digest | undefined;
}

/**
 * Brings a file of this machine to the hypervisor as an image with a record, packed or not, as a pull brings
 * one of the web. It is read twice: its digest names it, and what is sent is held against that.
 * @throws PlowError, Interrupted
 */
export async function importImage(
  file: LocalImage,
  { name, version, digest }: ImportWish,
  tools: Omit<PullTools, 'open'>,
  context: VmContext,
): Promise<Pulled> {
  await assertWhole(file);
  const found = await digestOf(file, digest?.algorithm ?? 'sha256', tools, context);
  if (digest !== undefined && digest.hex !== found.hex)
    throw new PlowError('validation', `${file.path} is another file: it has ${digestText(found)}`, {
      detail: `wanted: ${digestText(digest)}`,
      hint: 'nothing was sent: the file may be of another build, or a download that went wrong',
    });
  const wanted = {
    name,
    version,
    url: `imported:${encodeURIComponent(posix.basename(file.path))}`,
    format: undefined,
    downloaded: found,
    content: undefined,
    insecure: false,
    signedBy: null,
  };
  return bring({ wanted, source: sourceOf(file, tools), newHasher: tools.newHasher }, context);
}

function sourceOf(file: LocalImage, { unpacked }: Pick<PullTools, 'unpacked'>): ImageSource {
  const name = file.path;
  return {
    name,
    gives: name,
    words: { verb: 'import', doing: 'Importing', done: 'imported' },
    hint: 'nothing of it is kept: somebody writes to the file',
    open: async (signal) => readingOf(file, signal),
    unpacked: (chunks, mostBytes, tell) => unpacked(chunks, name, mostBytes, tell),
  };
}

/** Of what is not packed: a part of an image has a digest as well. @throws PlowError */
async function assertWhole(file: LocalImage): Promise<void> {
  const buffer = new Uint8Array(HEAD_BYTES);
  const head = buffer.subarray(0, await readAt(file, buffer, 0));
  const judged = judgeFile(head);
  // What is packed is judged as it is unpacked; so is what is none.
  if ('problem' in judged) return;
  const isCut = judged.format === 'raw' && file.bytes % SECTOR_BYTES !== 0;
  const problem = isCut
    ? 'is not made of whole sectors'
    : judged.format === 'qcow2' && (await whyCutOff(file, head));
  if (typeof problem === 'string') throw new PlowError('validation', `${file.path} ${problem}`);
}

/** @throws PlowError (storage) where it changes meanwhile, Interrupted */
async function digestOf(
  file: LocalImage,
  algorithm: Digest['algorithm'],
  { newHasher }: Pick<PullTools, 'newHasher'>,
  { progress, signal }: VmContext,
): Promise<Digest> {
  progress.begin(`Reading ${file.path}`);
  const hasher = newHasher(algorithm);
  const pace = new Pace(progress, posix.basename(file.path), file.bytes, 'reading');
  let at = 0;
  for await (const part of partsOf(file, signal)) {
    hasher.update(part);
    at += part.length;
    pace.moved(at, part.length);
  }
  return { algorithm, hex: hasher.digest('hex') };
}

function readingOf(file: LocalImage, signal: AbortSignal): Download {
  return { bytes: file.bytes, chunks: partsOf(file, signal), close: () => {} };
}

/** All of a file, in buffers of their own. @throws PlowError (storage) where it changes meanwhile */
async function* partsOf(file: LocalImage, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < file.bytes;) {
    signal.throwIfAborted();
    const part = new Uint8Array(Math.min(PART_BYTES, file.bytes - at));
    if ((await readAt(file, part, at)) < part.length) throw changed(file);
    at += part.length;
    yield part;
  }
  if (!file.isAsItWas()) throw changed(file);
}

/** @throws PlowError (storage) */
async function readAt(file: LocalImage, buffer: Uint8Array, at: number): Promise<number> {
  try {
    return await file.read(buffer, at);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PlowError('storage', `cannot read ${file.path}: ${why}`, { cause });
  }
}
