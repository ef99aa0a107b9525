/** What libvirt runs at each step of a VM's life, beside hooks of others. https://libvirt.org/hooks.html */
export const HOOK_FILE = '/etc/libvirt/hooks/qemu.d/plow';
/** Read at boot. sysctl.d(5) */
export const SYSCTL_FILE = '/etc/sysctl.d/60-plow.conf';
/** What the hook gives to nftables. */
export const RULES_FILE = '/etc/plow/taps.nft';
/** Which addresses the hook gives to taps. */
export const PREFIXES_FILE = '/etc/plow/prefixes';
/** What the administrator's bird.conf includes. */
export const BIRD_FILE = '/etc/plow/bird.conf';
/** The table of nftables that is plow's own, with its family. */
export const TABLE = 'inet plow';
/** The one that is for ARP, which no table of another family sees. */
export const ARP_TABLE = 'arp plow';
/** What the hook remembers until the next boot. */
export const RUN_DIRECTORY = '/run/plow';
