/** Models that plow has words for. https://libvirt.org/formatdomain.html#video-devices */
export const VIDEO_MODELS = ['virtio', 'vga'] as const;
export type VideoModel = (typeof VIDEO_MODELS)[number];

/** Who gets in. `one-time`: nobody but with a password that plow sets for a minute. */
export type VncLogin = { readonly by: 'password'; readonly password: string } | { readonly by: 'one-time' };

/** The screen of a VM over VNC. */
export interface Vnc {
  /**
   * `none`: no socket, the hypervisor's own connection leads there; `socket`: one of the hypervisor's files;
   * else an IPv4 address. Undefined: `none` where the hypervisor is this machine, else its loopback address.
   */
  readonly listen: string | undefined;
  /** At an address; undefined: one that is free. */
  readonly port: number | undefined;
  /** Undefined: whoever reaches it. */
  readonly login: VncLogin | undefined;
  readonly video: VideoModel;
}

/** What no other machine reaches. */
export const LOOPBACK = '127.0.0.1';

/** Of VMs that plow did not make also names and addresses of IPv6. */
const OWN_ADDRESS = /^(?:127\.|::1$|localhost$)/u;

/** Whether it is an address, and not one that leads to its own machine. */
export function isReachable(listen: string): boolean {
  return listen !== 'none' && listen !== 'socket' && !OWN_ADDRESS.test(listen);
}

/** Where it listens. @param isHere the hypervisor is this machine */
export function listenOf({ listen, port }: Pick<Vnc, 'listen' | 'port'>, isHere: boolean): string {
  return listen ?? (isHere && port === undefined ? 'none' : LOOPBACK);
}

/** Why one at an address of its own machine, without a password, is odd; undefined: it is not. */
export function openDoubt({ login }: Vnc, listen: string): string | undefined {
  if (listen === 'none' || listen === 'socket' || isReachable(listen) || login !== undefined)
    return undefined;
  return `every user of the hypervisor reaches ${listen}, and sees the screen and types without a password: listen: socket or a password_file keeps them out`;
}
