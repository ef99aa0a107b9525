import { create } from 'xmlbuilder2';
import { listenOf, VIDEO_MODELS } from '../../../config/machine/vnc.ts';
import type { Vnc, VncLogin } from '../../../config/machine/vnc.ts';
import type { Arch } from '../../../config/machine.ts';
import { literal } from '../../literal.ts';
import type { XmlElement } from '../../read/parse.ts';
import { PLACE } from './device.ts';
import type { Device, Element } from './device.ts';

/** The first screen over VNC, as a document says it. */
export interface VncFacts {
  /** `none`, `socket` or an address. */
  readonly listen: string;
  /** As it was asked for; undefined: one that is free. */
  readonly port: number | undefined;
  /** Of one that runs. */
  readonly livePort: number | undefined;
  readonly socket: string | undefined;
  /** Model of the first video card. */
  readonly video: string | undefined;
  /** Passwords stand in documents that are asked for with them only. */
  readonly password: string | undefined;
}

/** What has a pointer that is where that of the viewer is; a machine of the PC kind has a keyboard. */
const INPUTS: Readonly<Record<Arch, readonly string[]>> = {
  x86_64: ['tablet'],
  aarch64: ['keyboard', 'tablet'],
};

/**
 * A screen, keyboard and pointer over VNC. Without a `<video>` libvirt would take a card of 1991.
 * https://libvirt.org/formatdomain.html#graphical-framebuffers
 */
export const VNC: Device = {
  write: (devices, { vnc }, { arch, isHere = false }) => {
    if (vnc === undefined) return;
    // libvirt gives machines of this architecture none.
    if (arch === 'aarch64') devices.ele('controller', { type: 'usb', index: 0, model: 'qemu-xhci' });
    for (const type of INPUTS[arch]) devices.ele('input', { type, bus: 'usb' });
    addGraphics(devices, vnc, isHere);
    devices.ele('video').ele('model', { type: vnc.video });
  },
  shapes: {
    graphics: {
      oneOf: [
        {
          attributes: {
            type: /^vnc$/u,
            port: true,
            autoport: true,
            listen: true,
            socket: true,
            passwd: true,
          },
          children: {
            listen: {
              attributes: { type: /^(?:none|socket|address)$/u, address: true, socket: true },
            },
          },
        },
      ],
    },
    video: {
      oneOf: [
        {
          children: {
            ...PLACE,
            model: {
              attributes: {
                type: new RegExp(`^(?:${VIDEO_MODELS.join('|')})$`, 'u'),
                heads: /^1$/u,
                primary: /^yes$/u,
                vram: true,
              },
            },
          },
        },
      ],
    },
    input: {
      oneOf: [
        { attributes: { type: true, bus: /^ps2$/u }, children: PLACE },
        { attributes: { type: /^(?:tablet|keyboard)$/u, bus: /^usb$/u }, children: PLACE },
      ],
    },
  },
};

function addGraphics(devices: Element, vnc: Vnc, isHere: boolean): void {
  const listen = listenOf(vnc, isHere);
  const passwd = passwordOf(vnc.login);
  if (listen === 'none' || listen === 'socket') {
    devices.ele('graphics', { type: 'vnc', ...passwd }).ele('listen', { type: listen });
    return;
  }
  const { port } = vnc;
  const where = port === undefined ? { port: '-1', autoport: 'yes' } : { port, autoport: 'no' };
  const graphics = devices.ele('graphics', { type: 'vnc', ...where, listen, ...passwd });
  graphics.ele('listen', { type: 'address', address: listen });
}

/** With an empty one nobody gets in until it has another. */
function passwordOf(login: VncLogin | undefined): { readonly passwd?: string } {
  if (login === undefined) return {};
  return { passwd: login.by === 'password' ? literal(login.password) : '' };
}

export function readVnc(devices: XmlElement | undefined): VncFacts | undefined {
  const graphics = devices?.children('graphics').find((one) => one.attribute('type') === 'vnc');
  if (graphics === undefined) return undefined;
  const listen = graphics.first('listen');
  const port = Number(graphics.attribute('port') ?? '-1');
  const isAuto = graphics.attribute('autoport') === 'yes' || port < 0;
  return {
    listen: listenIn(graphics, listen),
    port: isAuto ? undefined : port,
    livePort: port > 0 ? port : undefined,
    socket: listen?.attribute('socket') ?? graphics.attribute('socket'),
    video: devices?.first('video', 'model')?.attribute('type'),
    password: graphics.attribute('passwd'),
  };
}

/** A card that nobody sees but who asks libvirt for a picture of it. */
export function readBareVideo(devices: XmlElement | undefined): string | undefined {
  if (devices?.first('graphics') !== undefined) return undefined;
  const model = devices?.first('video', 'model')?.attribute('type');
  return model === 'none' ? undefined : model;
}

function listenIn(graphics: XmlElement, listen: XmlElement | undefined): string {
  const type = listen?.attribute('type');
  if (type === 'none' || type === 'socket') return type;
  if (graphics.attribute('socket') !== undefined) return 'socket';
  return graphics.attribute('listen') ?? listen?.attribute('address') ?? '127.0.0.1';
}

/**
 * The same screen with another password, for libvirt to change.
 * @param graphics as it runs @param until in UTC, to the second
 */
export function withPassword(graphics: VncFacts, password: string, until: Date): string {
  const { listen, port, livePort, socket } = graphics;
  const isAddress = listen !== 'none' && listen !== 'socket';
  const where = port === undefined ? { port: livePort, autoport: 'yes' } : { port, autoport: 'no' };
  const device = create().ele('graphics', {
    type: 'vnc',
    ...(isAddress ? { ...where, listen } : {}),
    passwd: literal(password),
    passwdValidTo: until.toISOString().slice(0, 19),
  });
  const details = isAddress ? { address: listen } : socket === undefined ? {} : { socket };
  device.ele('listen', { type: isAddress ? 'address' : listen, ...details });
  return device.end({ headless: true });
}
