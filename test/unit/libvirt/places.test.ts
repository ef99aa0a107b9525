import { describe, expect, it } from 'vitest';
import { sessionPlaces } from '../../../src/libvirt/places.ts';

describe('where libvirt keeps the files of a session', () => {
  it('is told by the variables', () => {
    const variables = { HOME: '/h', XDG_RUNTIME_DIR: '/run/1', XDG_CONFIG_HOME: '/c', XDG_CACHE_HOME: '' };
    expect(sessionPlaces(variables)).toStrictEqual({
      pidFiles: '/run/1/libvirt/qemu/run',
      logs: '/h/.cache/libvirt/qemu/log',
      nvram: '/c/libvirt/qemu/nvram',
      qemuConf: '/c/libvirt/qemu.conf',
    });
  });

  it('is below HOME without them, and unknown without that', () => {
    expect(sessionPlaces({ HOME: '/h' })).toStrictEqual({
      pidFiles: '/h/.cache/libvirt/qemu/run',
      logs: '/h/.cache/libvirt/qemu/log',
      nvram: '/h/.config/libvirt/qemu/nvram',
      qemuConf: '/h/.config/libvirt/qemu.conf',
    });
    expect(sessionPlaces({ HOME: '' })).toBeUndefined();
  });
});
