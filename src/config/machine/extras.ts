/** What few VMs have; of one that has none of it nothing is written. */
export interface Extras {
  /** Files of the hypervisor that the guest's firmware and kernel read by name. */
  readonly fwCfg: readonly FwCfgFile[];
}

/** Of a VM that has none. */
export const NO_EXTRAS: Extras = { fwCfg: [] };

/** https://www.qemu.org/docs/master/specs/fw_cfg.html */
export interface FwCfgFile {
  /** `opt/org.example/config`. */
  readonly name: string;
  /** Absolute path on the hypervisor. */
  readonly file: string;
}
