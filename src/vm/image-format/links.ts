import { posix } from 'node:path';

/** What the first bytes of a disk image name. */
export interface ImageLinks {
  /** As it is written there. */
  readonly backing: string | undefined;
  /** Of the backing file, as the image says; undefined where QEMU would look. */
  readonly backingFormat: string | undefined;
  /** External data file, as it is written. */
  readonly dataFile: string | undefined;
}

const NOTHING: ImageLinks = { backing: undefined, backingFormat: undefined, dataFile: undefined };

/** `QFI\xfb`, of qcow and qcow2. https://www.qemu.org/docs/master/interop/qcow2.html */
const QCOW = 0x514649fb;
/** `QED\0`. https://www.qemu.org/docs/master/interop/qed_spec.html */
const QED = 0x51454400;
/** `KDMV`, and `# Di` of a file with nothing but a descriptor. */
const VMDK: readonly number[] = [0x4b444d56, 0x23204469];

const BACKING_FORMAT = 0xe2792aca;
const DATA_FILE = 0x44415441;

/** No format has less before the first name. */
const SHORTEST = 64;

/**
 * Of the formats in which an image can name another one; whatever else it is, it names none.
 * @param head the first bytes of a file
 * @returns undefined where they end before what they point to
 */
export function readImageLinks(head: Uint8Array): ImageLinks | undefined {
  if (head.length < SHORTEST) return NOTHING;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const magic = view.getUint32(0);
  try {
    if (magic === QCOW) return readQcow(view);
    if (magic === QED) return readQed(view);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return VMDK.includes(magic) ? readVmdk(head) : NOTHING;
}

function readQcow(view: DataView): ImageLinks {
  const [offset, length] = [Number(view.getBigUint64(8)), view.getUint32(16)];
  const backing = offset === 0 || length === 0 ? undefined : text(view, offset, length);
  const version = view.getUint32(4);
  if (version < 2) return { ...NOTHING, backing };
  let [backingFormat, dataFile]: (string | undefined)[] = [];
  const end = offset === 0 ? view.byteLength : offset;
  for (let at = version === 2 ? 72 : view.getUint32(100); at + 8 <= end;) {
    const [type, bytes] = [view.getUint32(at), view.getUint32(at + 4)];
    if (type === 0) break;
    if (type === BACKING_FORMAT) backingFormat = text(view, at + 8, bytes);
    if (type === DATA_FILE) dataFile = text(view, at + 8, bytes);
    at += 8 + Math.ceil(bytes / 8) * 8;
    if (at > view.byteLength) throw new RangeError('extensions go on behind the head');
  }
  return { backing, backingFormat, dataFile };
}

/** All numbers are little-endian. */
function readQed(view: DataView): ImageLinks {
  const hasBacking = (view.getUint32(16, true) & 1) !== 0;
  if (!hasBacking) return NOTHING;
  return { ...NOTHING, backing: text(view, view.getUint32(56, true), view.getUint32(60, true)) };
}

/** Its descriptor is text, and in the first sectors. */
function readVmdk(head: Uint8Array): ImageLinks {
  const parent = /parentFileNameHint="(?<name>[^"\n]+)"/u.exec(new TextDecoder().decode(head));
  return { ...NOTHING, backing: parent?.groups?.['name'] };
}

/** @throws RangeError where it goes on behind the head */
function text(view: DataView, offset: number, length: number): string {
  if (offset + length > view.byteLength) throw new RangeError('a name goes on behind the head');
  return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + offset, length));
}

/** `nbd:`, `file:`, `json:`: as QEMU tells a protocol from a path. */
const PROTOCOL = /^(?<name>[a-z][a-z0-9+.-]*):(?<rest>.*)$/isu;

/**
 * An absolute path in its normal form, and also with its `..` where there are any: behind a link they lead
 * elsewhere than the text says, and QEMU and the kernel follow the link first.
 */
export function spellings(path: string): readonly string[] {
  const normal = posix.normalize(path);
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.includes('..') ? [normal, `/${parts.join('/')}`] : [normal];
}

/**
 * The paths that a name in an image may mean, absolute and in all spellings: too many rather than too few,
 * and none of what is on the network. @param image path of the image
 * @returns undefined for what cannot be understood
 */
export function pathsNamed(name: string, image: string): readonly string[] | undefined {
  const directory = posix.dirname(image);
  const { name: protocol, rest = '' } = PROTOCOL.exec(name)?.groups ?? {};
  if (protocol === undefined) return spellings(absolute(directory, name));
  if (protocol.toLowerCase() === 'json') return pathsInJson(rest, image);
  // QEMU takes it from where it runs, libvirt from where the image is.
  if (protocol.toLowerCase() === 'file')
    return [absolute(directory, rest), absolute('/', rest)].flatMap(spellings);
  const slash = rest.indexOf('/');
  return slash < 0 ? [] : spellings(rest.slice(slash).replace(/^\/+/u, '/'));
}

function absolute(directory: string, name: string): string {
  return name.startsWith('/') ? name : `${directory}/${name}`;
}

/**
 * `{"file": {"filename": ...}}`, `{"file.filename": ...}` and the like, however deep.
 * https://www.qemu.org/docs/master/system/images.html
 */
function pathsInJson(json: string, image: string): readonly string[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  const found = filenames(value).map((name) => pathsNamed(name, image));
  return found.includes(undefined)
    ? undefined
    : found.flatMap((paths) => paths ?? []).concat(relativeToRoot(value));
}

/** Without a protocol such a name is taken from where QEMU runs. */
function relativeToRoot(value: unknown): readonly string[] {
  return filenames(value).flatMap((name) => (PROTOCOL.test(name) ? [] : spellings(absolute('/', name))));
}

function filenames(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inside]: [string, unknown]) => {
    if (typeof inside !== 'string') return filenames(inside);
    return /(?:^|\.)(?:filename|path)$/u.test(key) ? [inside] : [];
  });
}
