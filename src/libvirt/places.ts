import type { LibvirtPlaces } from '../hypervisor/places.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** Of the system's libvirt, on whatever machine. */
export const SYSTEM_PLACES: LibvirtPlaces = {
  pidFiles: '/run/libvirt/qemu',
  logs: '/var/log/libvirt/qemu',
  nvram: '/var/lib/libvirt/qemu/nvram',
  qemuConf: '/etc/libvirt/qemu.conf',
};

/**
 * Of the session of whoever runs plow, as libvirt finds them by the same variables. @returns undefined where
 * they say nothing
 */
export function sessionPlaces({
  HOME: home = '',
  XDG_CACHE_HOME: cacheHome,
  XDG_CONFIG_HOME: configHome,
  XDG_RUNTIME_DIR: runtime,
}: Variables): LibvirtPlaces | undefined {
  if (!home.startsWith('/')) return undefined;
  // An empty one counts as none.
  const cache = cacheHome || `${home}/.cache`;
  const config = configHome || `${home}/.config`;
  return {
    pidFiles: `${runtime || cache}/libvirt/qemu/run`,
    logs: `${cache}/libvirt/qemu/log`,
    nvram: `${config}/libvirt/qemu/nvram`,
    qemuConf: `${config}/libvirt/qemu.conf`,
  };
}
