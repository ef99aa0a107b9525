import { parseXml } from './parse.ts';

/**
 * The bridge that a network of libvirt's is on; undefined for one that hands out devices.
 * https://libvirt.org/formatnetwork.html#connectivity
 */
export function readNetworkBridge(networkDocument: string): string | undefined {
  return parseXml(networkDocument).first('bridge')?.attribute('name');
}
