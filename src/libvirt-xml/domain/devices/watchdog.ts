import { WATCHDOG_ACTIONS, WATCHDOG_MODELS } from '../../../config/machine/extras.ts';
import type { Watchdog } from '../../../config/machine/extras.ts';
import type { XmlElement } from '../../read/parse.ts';
import { PLACE } from './device.ts';
import type { Device } from './device.ts';

/** https://libvirt.org/formatdomain.html#watchdog-devices */
export const WATCHDOG: Device = {
  write: (devices, { watchdog }) => {
    if (watchdog !== undefined) devices.ele('watchdog', { ...watchdog });
  },
  shapes: {
    watchdog: {
      oneOf: [
        {
          attributes: {
            model: new RegExp(`^(?:${WATCHDOG_MODELS.join('|')})$`, 'u'),
            action: new RegExp(`^(?:${WATCHDOG_ACTIONS.join('|')})$`, 'u'),
          },
          children: PLACE,
        },
        // Part of every q35, which libvirt 9.1 and later write down.
        { attributes: { model: /^itco$/u, action: /^reset$/u }, children: PLACE },
      ],
    },
  },
};

/** The first that is not a machine's own; undefined also for one that a VM file has no words for. */
export function readWatchdog(devices: XmlElement | undefined): Watchdog | undefined {
  for (const element of devices?.children('watchdog') ?? []) {
    const model = WATCHDOG_MODELS.find((one) => one === element.attribute('model'));
    const action = WATCHDOG_ACTIONS.find((one) => one === (element.attribute('action') ?? 'reset'));
    if (model !== undefined && action !== undefined) return { model, action };
  }
  return undefined;
}
