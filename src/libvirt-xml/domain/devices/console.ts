import type { XmlElement } from '../../read/parse.ts';
import { ANYTHING, PLACE } from './device.ts';
import type { Device } from './device.ts';

export interface ConsoleFacts {
  /** `serial`, `console` (of virtio), `vnc`, `spice`... */
  readonly type: string;
  /**
   * A device or file of the host (`/dev/pts/3`) or an address (`127.0.0.1:5900`); undefined for one that is
   * not open.
   */
  readonly at: string | undefined;
}

/** The first serial port, which is the console as well. */
export const CONSOLE: Device = {
  write: (devices) => {
    devices.ele('serial', { type: 'pty' }).ele('target', { type: 'isa-serial', port: 0 });
    devices.ele('console', { type: 'pty' }).ele('target', { type: 'serial', port: 0 });
  },
  shapes: {
    serial: {
      oneOf: [
        {
          attributes: { type: /^pty$/u },
          children: {
            ...PLACE,
            source: ANYTHING,
            target: {
              attributes: { type: /^isa-serial$/u, port: /^0$/u },
              children: { model: { attributes: { name: /^isa-serial$/u } } },
            },
          },
        },
      ],
    },
    console: {
      oneOf: [
        {
          attributes: { type: /^pty$/u, tty: true },
          children: {
            ...PLACE,
            source: ANYTHING,
            target: { attributes: { type: /^serial$/u, port: /^0$/u } },
          },
        },
      ],
    },
  },
  always: { words: 'a serial console', isIn: (devices) => devices.first('serial') !== undefined },
};

/**
 * All that one can look at or type into. A `console` of the kind `serial` is the first serial port once more.
 */
export function readConsoles(devices: XmlElement | undefined): readonly ConsoleFacts[] {
  const all = (name: string): readonly XmlElement[] => devices?.children(name) ?? [];
  return [
    ...all('serial').map((serial) => readCharacterDevice('serial', serial)),
    ...all('console')
      .filter((one) => one.first('target')?.attribute('type') !== 'serial')
      .map((one) => readCharacterDevice('console', one)),
    ...all('graphics').map(readGraphics),
  ];
}

function readCharacterDevice(type: 'serial' | 'console', element: XmlElement): ConsoleFacts {
  const source = element.first('source');
  const [host, service] = [source?.attribute('host'), source?.attribute('service')];
  return { type, at: source?.attribute('path') ?? (service && `${host ?? ''}:${service}`) };
}

function readGraphics(graphics: XmlElement): ConsoleFacts {
  const port = graphics.attribute('port');
  const open = port !== undefined && port !== '-1';
  const listen = graphics.attribute('listen') ?? graphics.first('listen')?.attribute('address');
  return {
    type: graphics.attribute('type') ?? 'graphics',
    at: open ? `${listen ?? '127.0.0.1'}:${port}` : graphics.attribute('socket'),
  };
}
