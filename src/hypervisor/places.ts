/** Directories and a file in which libvirt keeps its own. */
export interface LibvirtPlaces {
  /** Process ids of QEMUs that run. */
  readonly pidFiles: string;
  /** What QEMUs print, where libvirt also says when it started and stopped them. */
  readonly logs: string;
  /** UEFI variables of VMs that name no file for them. */
  readonly nvram: string;
  /** https://gitlab.com/libvirt/libvirt/-/blob/master/src/qemu/qemu.conf.in */
  readonly qemuConf: string;
}
