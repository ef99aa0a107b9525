import koffi from 'koffi';
import { PlowError } from '../../errors/plow-error.ts';
import { callLocal } from './native.ts';

/** Versions of what plow calls libvirt with, on this machine. */
export interface LibraryVersions {
  readonly koffi: string;
  /** As 9000000 for 9.0.0; undefined where libvirt's client library is not installed. */
  readonly libvirt: number | undefined;
}

/** No connection is made. https://libvirt.org/html/libvirt-libvirt-host.html#virGetVersion */
export function libraryVersions(): LibraryVersions {
  return { koffi: koffi.version, libvirt: clientLibrary() };
}

function clientLibrary(): number | undefined {
  const version: [number] = [0];
  try {
    callLocal('virGetVersion', version, null, null);
  } catch (error) {
    if (error instanceof PlowError) return undefined;
    throw error;
  }
  return version[0];
}
