import type { Share } from '../../../config/machine/share.ts';
import { literal } from '../../literal.ts';
import type { XmlElement } from '../../read/parse.ts';
import { PLACE } from './device.ts';
import type { Device } from './device.ts';

/**
 * Directories of the hypervisor, which virtiofsd serves. They need memory that it shares with QEMU: see
 * memory-backing.ts. https://libvirt.org/formatdomain.html#filesystems
 */
export const SHARES: Device = {
  write: (devices, { shares }) => {
    for (const { source, tag, isReadOnly } of shares) {
      const filesystem = devices.ele('filesystem', { type: 'mount', accessmode: 'passthrough' });
      filesystem.ele('driver', { type: 'virtiofs' });
      filesystem.ele('source', { dir: literal(source) });
      filesystem.ele('target', { dir: literal(tag) });
      if (isReadOnly) filesystem.ele('readonly');
    }
  },
  shapes: {
    filesystem: {
      oneOf: [
        {
          // Without a driver it is 9p.
          needs: ['driver'],
          attributes: { type: /^mount$/u, accessmode: /^passthrough$/u },
          children: {
            ...PLACE,
            driver: { attributes: { type: /^virtiofs$/u } },
            // Where distributions have it: libvirt writes down which one it took.
            binary: { attributes: { path: /^\/usr\/(?:lib|libexec)\/(?:qemu\/)?virtiofsd$/u } },
            source: { attributes: { dir: true } },
            target: { attributes: { dir: true } },
            readonly: {},
          },
        },
      ],
    },
  },
};

/** Those of virtiofs, whatever they are called. */
export function readShares(devices: XmlElement | undefined): readonly Share[] {
  return (devices?.children('filesystem') ?? []).flatMap((filesystem) => {
    if (filesystem.first('driver')?.attribute('type') !== 'virtiofs') return [];
    const source = filesystem.first('source')?.attribute('dir');
    const tag = filesystem.first('target')?.attribute('dir');
    if (source === undefined || tag === undefined) return [];
    return [{ source, tag, isReadOnly: filesystem.first('readonly') !== undefined }];
  });
}
