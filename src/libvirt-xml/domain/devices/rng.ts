import { PLACE } from './device.ts';
import type { Device } from './device.ts';

/** Random numbers from the host's, so that a guest need not wait for its own. */
export const RNG: Device = {
  write: (devices) => {
    devices.ele('rng', { model: 'virtio' }).ele('backend', { model: 'random' }).txt('/dev/urandom');
  },
  shapes: {
    rng: {
      oneOf: [
        {
          attributes: { model: /^virtio$/u },
          children: {
            ...PLACE,
            backend: { attributes: { model: /^random$/u }, text: /^\/dev\/urandom$/u },
          },
        },
      ],
    },
  },
  always: { words: 'a random number generator', isIn: (devices) => devices.first('rng') !== undefined },
};
