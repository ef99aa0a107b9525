import { readUsedFiles } from '../../libvirt-xml/read/used-files.ts';
import { parseIfPossible } from '../../libvirt-xml/read/parse.ts';
import type { VmContext } from '../context.ts';
import { explaining } from '../failure.ts';
import { byNameAndAge } from './find-image.ts';
import type { ImageRecord } from './record.ts';
import { ImageStore } from './store.ts';
import type { StoredImage } from './store.ts';

/** An image of a hypervisor that plow has pulled. */
export interface ListedImage {
  readonly path: string;
  readonly record: ImageRecord;
  readonly image: StoredImage;
  /** VMs whose documents name it. */
  readonly usedBy: readonly string[];
}

/** A file in the directory of images. */
export interface ListedFile {
  readonly path: string;
  /** Undefined for one that plow knows nothing of: `create --upload` or somebody else has brought it. */
  readonly record: ImageRecord | undefined;
  /** As its record says, else as libvirt takes it: `qcow2`, `raw`, `vmdk`... */
  readonly format: string;
  readonly bytes: number | null;
  readonly capacityBytes: number | null;
  /** VMs whose documents name it. */
  readonly usedBy: readonly string[];
}

/** All of a hypervisor, by name, the newest version of each first. @throws PlowError */
export async function listImages(context: VmContext): Promise<readonly ListedImage[]> {
  const store = new ImageStore(context);
  const images = await explaining(store.all(), 'storage', cannotLook(store));
  return listed(store, images, await usersOf(images, context));
}

/** As listImages, and behind them by path the files that have no record. @throws PlowError */
export async function listFiles(context: VmContext): Promise<readonly ListedFile[]> {
  const store = new ImageStore(context);
  const { images, others } = await explaining(store.everything(), 'storage', cannotLook(store));
  const users = await usersOf([...images, ...others], context);
  return [
    ...listed(store, images, users).map(({ path, record, usedBy }) => {
      const { format, bytes, capacityBytes } = record;
      return { path, record, format, bytes, capacityBytes, usedBy };
    }),
    ...others.map(({ file, facts: { format, fileBytes = null, capacityBytes } }) => {
      const path = store.pathOf(file);
      const usedBy = users.get(path) ?? [];
      return { path, record: undefined, format, bytes: fileBytes, capacityBytes, usedBy };
    }),
  ];
}

function cannotLook({ directory }: ImageStore): string {
  return `cannot look at the images in ${directory}`;
}

function listed(
  store: ImageStore,
  images: readonly StoredImage[],
  users: ReadonlyMap<string, readonly string[]>,
): readonly ListedImage[] {
  return images
    .map(({ file, record }) => {
      const path = store.pathOf(file);
      return { path, record, image: { file, record }, usedBy: users.get(path) ?? [] };
    })
    .toSorted((one, other) => byNameAndAge(one.record, other.record));
}

/** Nobody is asked where there is nothing. */
async function usersOf(
  files: readonly unknown[],
  context: VmContext,
): Promise<ReadonlyMap<string, readonly string[]>> {
  return files.length === 0 ? new Map() : usersByPath(context);
}

async function usersByPath({ hypervisor }: VmContext): Promise<ReadonlyMap<string, readonly string[]>> {
  const asking = hypervisor.domainDocuments();
  const documents = await explaining(asking, 'operation', 'cannot read the documents of the VMs');
  const users = new Map<string, string[]>();
  for (const { name, stored, live } of documents) {
    const paths = new Set([stored, live].flatMap(pathsIn));
    for (const path of paths) users.set(path, [...(users.get(path) ?? []), name]);
  }
  return users;
}

function pathsIn(document: string | undefined): readonly string[] {
  const domain = document === undefined ? undefined : parseIfPossible(document);
  return domain === undefined ? [] : readUsedFiles(domain).paths;
}
