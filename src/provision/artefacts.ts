import type { HostKeys } from './host-keys/open-ssh.ts';

export interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What a guest is handed: files of a drive that it finds by its label, or one that its firmware hands on. */
export type Artefacts =
  | { readonly kind: 'seed'; readonly volumeId: string; readonly files: readonly NamedFile[] }
  | { readonly kind: 'firmware'; readonly file: NamedFile };

/** What makes a guest another one than the last of the same file. */
export interface GuestOrigin {
  readonly createdAt: Date;
  /** Of the guest's sshd; undefined: it makes its own. */
  readonly hostKeys?: HostKeys | undefined;
  /** Its guest has been another one's. */
  readonly isClone?: boolean;
}
