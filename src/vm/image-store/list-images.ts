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

/** All of a hypervisor, by name, the newest version of each first. @throws PlowError */
export async function listImages(context: VmContext): Promise<readonly ListedImage[]> {
  const store = new ImageStore(context);
  const images = await explaining(store.all(), 'storage', `cannot look at the images in ${store.directory}`);
  const users = images.length === 0 ? new Map<string, readonly string[]>() : await usersByPath(context);
  return images
    .map(({ file, record }) => {
      const path = store.pathOf(file);
      return { path, record, image: { file, record }, usedBy: users.get(path) ?? [] };
    })
    .toSorted((one, other) => byNameAndAge(one.record, other.record));
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
