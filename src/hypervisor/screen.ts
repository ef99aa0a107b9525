/** The screen of a domain that runs. */
export interface Screen {
  /**
   * A file descriptor of this process with the other end of a VNC connection, past any password: for a server
   * of the same machine only. Whoever asked for it closes it. Fails with reason `forbidden` where the
   * connection is read-only.
   */
  open(): Promise<number>;
  /** What it shows now; undefined where that is more than so many bytes. */
  picture(mostBytes: number): Promise<Picture | undefined>;
}

export interface Picture {
  /** `image/png`, or `image/x-portable-pixmap` of a QEMU before 7.1. */
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** How a program of this machine comes to what listens on the hypervisor. */
export type WayIn =
  /** libvirt hands over files: it is on this machine, or its socket is. */
  | { readonly by: 'socket' }
  /** As libvirt calls ssh: a program, words before the host, and the host. */
  | {
      readonly by: 'ssh';
      readonly program: string;
      readonly words: readonly string[];
      readonly host: string;
    }
  /** Over a network, where only addresses are reached that others reach as well. */
  | { readonly by: 'network' };
