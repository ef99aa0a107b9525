import type { KnownImage } from '../../config/machine.ts';
import type { DomainDocument } from '../../hypervisor/domain-facts.ts';
import { endOf } from '../../libvirt-xml/metadata/end.ts';
import { metadataInDomain } from '../../libvirt-xml/metadata/read.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import { readUsedFiles } from '../../libvirt-xml/read/used-files.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { byNameAndAge, newestOf } from './find-image.ts';
import { ImageStore } from './store.ts';
import type { StoredImage } from './store.ts';

type Build = Omit<KnownImage, 'digest'>;

/** A VM of an image of which there is a newer one. */
export interface OutdatedVm {
  readonly vm: string;
  readonly uuid: string;
  /** What it was made of, or stands on. */
  readonly image: Build;
  readonly newest: KnownImage;
}

/**
 * VMs, by name, whose base image is not the newest of its name on this hypervisor: as plow wrote down when it
 * made them; of others, what lies below their disks, as far as their documents tell. None of those that were
 * destroyed, and can be brought back. @throws PlowError
 */
export async function findOutdated(context: VmContext): Promise<readonly OutdatedVm[]> {
  const store = new ImageStore(context);
  const images = await explaining(store.all(), 'storage', `cannot look at the images in ${store.directory}`);
  if (images.length === 0) return [];
  const asking = context.hypervisor.domainDocuments();
  const documents = await explaining(asking, 'operation', 'cannot read the documents of the VMs');
  const byPath = new Map(images.map((image) => [store.pathOf(image.file), image]));
  return documents
    .flatMap((document) => outdated(document, images, byPath, store))
    .toSorted((one, other) => (one.vm < other.vm ? -1 : 1));
}

function outdated(
  { name: vm, uuid, stored, live }: DomainDocument,
  images: readonly StoredImage[],
  byPath: ReadonlyMap<string, StoredImage>,
  store: ImageStore,
): readonly OutdatedVm[] {
  const parsed = [stored, live].map((text) => (text === undefined ? undefined : parseIfPossible(text)));
  const [domain] = parsed;
  if (domain !== undefined && endOf(domain).undo !== undefined) return [];
  const metadata = metadataInDomain(domain);
  const bases = parsed.flatMap((document) => (document === undefined ? [] : readUsedFiles(document).bases));
  const image = metadata?.declared.image ?? baseAmong(bases, byPath);
  const newest = image && newestOf(images, image.name);
  if (newest === undefined || image === undefined) return [];
  // Of one whose record has gone nobody knows when it was pulled: before the VM was made.
  const own = { ...image, at: byPath.get(image.path)?.record.at ?? metadata?.created ?? '' };
  const { name, version, content } = newest.record;
  if (version === image.version || byNameAndAge(newest.record, own) > 0) return [];
  const known = { name, version, digest: content ?? undefined, path: store.pathOf(newest.file) };
  return [{ vm, uuid, image, newest: known }];
}

function baseAmong(bases: readonly string[], byPath: ReadonlyMap<string, StoredImage>): Build | undefined {
  for (const path of bases) {
    const record = byPath.get(path)?.record;
    if (record !== undefined) return { name: record.name, version: record.version, path };
  }
  return undefined;
}
