/**
 * A directory of the hypervisor that the guest mounts: `mount -t virtiofs TAG /mnt`.
 * https://libvirt.org/kbase/virtiofs.html
 */
export interface Share {
  /** Absolute path on the hypervisor, without links. */
  readonly source: string;
  /** What the guest mounts it by. */
  readonly tag: string;
  readonly isReadOnly: boolean;
}

/** `data: /srv/data, read-only` */
export function shareText({ source, tag, isReadOnly }: Share): string {
  return `${tag}: ${source}${isReadOnly ? ', read-only' : ''}`;
}

/** Of all that a VM has, in one line; undefined where it has none. */
export function sharesText(shares: readonly Share[]): string | undefined {
  return shares.length === 0 ? undefined : shares.map(shareText).join('; ');
}
