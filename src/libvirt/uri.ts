/** What the URI of a hypervisor says, and no more. https://libvirt.org/uri.html */

/**
 * Drivers whose VMs plow can make, with any transport: `qemu+ssh`. Of QEMU's there are two;
 * `/embed?root=/tmp/x` would make one of its own in this process, and directories for it.
 */
const USABLE =
  /^(?:qemu(?:\+[a-z0-9]+)?:\/\/[^\s\p{Cc}/?#]*\/(?:system|session)(?:[?#][^\s\p{Cc}]*)?|test(?:\+[a-z0-9]+)?:\/\/[^\s\p{Cc}]*)$/u;
const SESSION = /^qemu(?:\+[a-z0-9]+)?:\/\/[^/]*\/session/u;
const LOCAL = /^[a-z]+(?:\+unix)?:\/\/\//u;
const LOCAL_SYSTEM = /^qemu(?:\+unix)?:\/\/\/system(?:[?#]|$)/u;
const USUAL_SOCKET = /^qemu(?:\+unix)?:\/\/\/(?!.*[?&]socket=)/u;

export function isUsableUri(uri: string): boolean {
  return USABLE.test(uri);
}

/** Whether libvirt works for a user there. */
export function isSessionUri(uri: string): boolean {
  return SESSION.test(uri);
}

/** Over a socket on this machine; `qemu://host/system` is TLS to another one. */
export function isLocalUri(uri: string): boolean {
  return LOCAL.test(uri);
}

/** The system's libvirt of this machine, over whichever of its sockets: polkit asks for nothing else. */
export function isLocalSystemUri(uri: string): boolean {
  return LOCAL_SYSTEM.test(uri);
}

/** Over the usual socket of this machine: another may lead elsewhere. Whether this one does is looked at. */
export function isUsualSocketUri(uri: string): boolean {
  return USUAL_SOCKET.test(uri);
}
