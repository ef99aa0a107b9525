import { ARCHITECTURES } from '../../../config/architectures.ts';
import { ARCHES } from '../../../config/machine.ts';
import type { Arch } from '../../../config/machine.ts';
import { CONSOLE_LOG_FILE } from '../../../config/vm-paths.ts';
import { literal } from '../../literal.ts';
import type { XmlElement } from '../../read/parse.ts';
import { ANYTHING, PLACE } from './device.ts';
import type { Device, Shape } from './device.ts';

export interface ConsoleFacts {
  /** `serial`, `console` (of virtio), `vnc`, `spice`... */
  readonly type: string;
  /**
   * A device or file of the host (`/dev/pts/3`) or an address (`127.0.0.1:5900`); undefined for one that is
   * not open.
   */
  readonly at: string | undefined;
  /** Path of the file that what it writes is kept in; undefined where it is not. */
  readonly log: string | undefined;
}

/** Where a log is that plow keeps, and `append`: else libvirt empties it at each start. */
const LOG: Shape = {
  attributes: {
    file: new RegExp(`/${CONSOLE_LOG_FILE.replace('.', String.raw`\.`)}$`, 'u'),
    append: /^on$/u,
  },
};

function portOf(arch: Arch): Shape {
  const { type, model } = ARCHITECTURES[arch].serial;
  return {
    attributes: { type: new RegExp(`^${type}$`, 'u'), port: /^0$/u },
    children: { model: { attributes: { name: new RegExp(`^${model}$`, 'u') } } },
  };
}

/**
 * The first serial port, which is the console as well, and the log of what it writes.
 * https://libvirt.org/formatdomain.html#consoles-serial-parallel-channel-devices
 */
export const CONSOLE: Device = {
  write: (devices, _, { arch, directory }) => {
    const serial = devices.ele('serial', { type: 'pty' });
    serial.ele('log', { file: literal(`${directory}/${CONSOLE_LOG_FILE}`), append: 'on' });
    serial.ele('target', { type: ARCHITECTURES[arch].serial.type, port: 0 });
    devices.ele('console', { type: 'pty' }).ele('target', { type: 'serial', port: 0 });
  },
  shapes: {
    serial: {
      oneOf: ARCHES.map((arch) => ({
        attributes: { type: /^pty$/u },
        children: { ...PLACE, source: ANYTHING, log: LOG, target: portOf(arch) },
      })),
    },
    console: {
      oneOf: [
        {
          attributes: { type: /^pty$/u, tty: true },
          children: {
            ...PLACE,
            source: ANYTHING,
            log: LOG,
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
  return {
    type,
    at: source?.attribute('path') ?? (service && `${host ?? ''}:${service}`),
    log: element.first('log')?.attribute('file'),
  };
}

function readGraphics(graphics: XmlElement): ConsoleFacts {
  const port = graphics.attribute('port');
  const open = port !== undefined && port !== '-1';
  const listen = graphics.attribute('listen') ?? graphics.first('listen')?.attribute('address');
  return {
    type: graphics.attribute('type') ?? 'graphics',
    at: open ? `${listen ?? '127.0.0.1'}:${port}` : graphics.attribute('socket'),
    log: undefined,
  };
}
