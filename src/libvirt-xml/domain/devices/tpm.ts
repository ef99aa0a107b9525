import type { Arch } from '../../../config/machine.ts';
import type { XmlElement } from '../../read/parse.ts';
import { ANYTHING, PLACE } from './device.ts';
import type { Device } from './device.ts';

/** The interface that guests of an architecture know. */
const MODELS: Readonly<Record<Arch, string>> = { x86_64: 'tpm-crb', aarch64: 'tpm-tis' };

/**
 * A TPM 2.0 that swtpm plays. libvirt keeps its state by the UUID of the domain, and removes it with it.
 * https://libvirt.org/formatdomain.html#tpm-device
 */
export const TPM: Device = {
  write: (devices, { hasTpm }, { arch }) => {
    if (!hasTpm) return;
    devices.ele('tpm', { model: MODELS[arch] }).ele('backend', { type: 'emulator', version: '2.0' });
  },
  shapes: {
    tpm: {
      oneOf: [
        {
          attributes: { model: /^tpm-(?:crb|tis)$/u },
          children: {
            ...PLACE,
            backend: {
              attributes: { type: /^emulator$/u, version: /^2\.0$/u },
              // As libvirt 10.10 and later write it down at the first start.
              children: { profile: ANYTHING },
            },
          },
        },
      ],
    },
  },
};

/** Whether a domain has one of the kind that plow gives VMs. */
export function readTpm(devices: XmlElement | undefined): boolean {
  return (devices?.all('tpm', 'backend') ?? []).some(
    (backend) => backend.attribute('type') === 'emulator' && backend.attribute('version') === '2.0',
  );
}
