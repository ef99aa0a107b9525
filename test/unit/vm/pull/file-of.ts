import type { LocalImage } from '../../../../src/config/machine.ts';

/** A file of this machine that nobody writes to. @param isAsItWas unless somebody does */
export function fileOf(bytes: Uint8Array, isAsItWas = (): boolean => true): LocalImage {
  return {
    path: '/home/me/secret/debian 12.qcow2',
    bytes: bytes.length,
    file: '1:1',
    read: async (buffer, offset) => {
      const part = bytes.subarray(offset, offset + buffer.length);
      buffer.set(part);
      return part.length;
    },
    isAsItWas,
  };
}
