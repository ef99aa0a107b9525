import koffi from 'koffi';

/** struct _virError. https://libvirt.org/html/libvirt-virterror.html#virError */
export const VIR_ERROR = koffi.struct('virError', {
  code: 'int',
  domain: 'int',
  message: 'const char *',
  level: 'int',
  conn: 'void *',
  dom: 'void *',
  str1: 'const char *',
  str2: 'const char *',
  str3: 'const char *',
  int1: 'int',
  int2: 'int',
  net: 'void *',
});

/** https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainInfo; memory in KiB */
export const VIR_DOMAIN_INFO = koffi.struct('virDomainInfo', {
  state: 'uchar',
  maxMem: 'ulong',
  memory: 'ulong',
  nrVirtCpu: 'ushort',
  cpuTime: 'uint64',
});

/** https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainBlockInfo; bytes */
export const VIR_DOMAIN_BLOCK_INFO = koffi.struct('virDomainBlockInfo', {
  capacity: 'uint64',
  allocation: 'uint64',
  physical: 'uint64',
});

/**
 * https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainInterfaceStatsStruct; -1 for what is not
 * known
 */
export const VIR_DOMAIN_INTERFACE_STATS = koffi.struct('virDomainInterfaceStatsStruct', {
  rx_bytes: 'int64',
  rx_packets: 'int64',
  rx_errs: 'int64',
  rx_drop: 'int64',
  tx_bytes: 'int64',
  tx_packets: 'int64',
  tx_errs: 'int64',
  tx_drop: 'int64',
});

koffi.union('virTypedValue', {
  i: 'int',
  ui: 'uint',
  l: 'int64',
  ul: 'uint64',
  d: 'double',
  b: 'char',
  s: 'const char *',
});

/**
 * struct _virTypedParameter: 96 bytes, since the value is aligned to 8.
 * https://libvirt.org/html/libvirt-libvirt-common.html#virTypedParameter
 */
export const VIR_TYPED_PARAMETER = koffi.struct('virTypedParameter', {
  field: koffi.array('char', 80, 'String'),
  type: 'int',
  value: 'virTypedValue',
});

/** https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainStatsRecord */
export const VIR_DOMAIN_STATS_RECORD = koffi.struct('virDomainStatsRecord', {
  dom: 'void *',
  params: 'void *',
  nparams: 'int',
});

/** https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainInterface */
export const VIR_DOMAIN_INTERFACE = koffi.struct('virDomainInterface', {
  name: 'const char *',
  hwaddr: 'const char *',
  naddrs: 'uint',
  addrs: 'void *',
});

/**
 * Elements of a C array. `koffi.array` and `decode` with a length make a type per call, and never forget it.
 */
export function decodeArray(
  array: bigint,
  type: Parameters<typeof koffi.sizeof>[0],
  count: number,
): unknown[] {
  const size = koffi.sizeof(type);
  return Array.from({ length: count }, (_, index): unknown => koffi.decode(array, index * size, type));
}

export const VIR_DOMAIN_IP_ADDRESS = koffi.struct('virDomainIPAddress', {
  type: 'int',
  addr: 'const char *',
  prefix: 'uint',
});
