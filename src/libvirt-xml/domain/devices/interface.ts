import { create } from 'xmlbuilder2';
import type { BridgedInterface, RoutedInterface } from '../../../config/machine.ts';
import { literal } from '../../literal.ts';
import type { XmlElement } from '../../read/parse.ts';
import { PLACE } from './device.ts';
import type { Device, Element } from './device.ts';

export interface InterfaceFacts {
  /** `bridge`, `network`, `direct`, `ethernet`, `user`... */
  readonly type: string;
  /** Name of the bridge, network or device that it is plugged into. */
  readonly source: string | undefined;
  /** The bridge, also where a network of libvirt's is on one. */
  readonly bridge: string | undefined;
  /** Lower case. */
  readonly mac: string | undefined;
  readonly model: string | undefined;
  /** Bytes. */
  readonly mtu: number | undefined;
  /** Device on the host: of a domain that runs, and of one with a name of its own. */
  readonly tap: string | undefined;
  /** False where the document has its link down. */
  readonly linkUp: boolean;
}

/** Of their elements only what InterfaceFacts leaves out is told. */
export const INTERFACES: Device = {
  write: (devices, { interfaces }) => {
    for (const one of interfaces) addInterface(devices, one);
  },
  shapes: {
    interface: {
      attributes: { type: true },
      children: {
        ...PLACE,
        mac: { attributes: { address: true, type: /^static$/u } },
        source: { attributes: { '*': true } },
        model: { attributes: { type: true } },
        mtu: { attributes: { size: true } },
        target: { attributes: { dev: /^vm[0-9a-f]{8}$/u } },
      },
    },
  },
};

type Written =
  | Pick<BridgedInterface, 'mode' | 'mac' | 'bridge' | 'mtu'>
  | Pick<RoutedInterface, 'mode' | 'mac' | 'tap' | 'mtu'>;

/** Of a routed one libvirt makes the tap, and nothing besides: whoever gives it a route goes by its name. */
function addInterface(devices: Element, one: Written): Element {
  const { mode, mac, mtu } = one;
  const element = devices.ele('interface', { type: mode });
  element.ele('mac', { address: mac });
  if (one.mode === 'bridge') element.ele('source', { bridge: one.bridge });
  else element.ele('target', { dev: one.tap });
  element.ele('model', { type: 'virtio' });
  if (mtu !== undefined) element.ele('mtu', { size: mtu });
  return element;
}

/** One alone, to be attached to a domain. */
export function interfaceXml(one: Written): string {
  return addInterface(create().ele('devices'), one).toString();
}

/** How a source is called that an interface of a type must have. */
const SOURCES: Readonly<Record<string, string>> = { bridge: 'bridge', network: 'network', direct: 'dev' };

/** What libvirt knows an interface by: it goes by the MAC address alone, but wants the source as well. */
export function interfaceToDetach({ type, source }: InterfaceFacts, mac: string): string {
  const element = create().ele('interface', { type: literal(type) });
  element.ele('mac', { address: literal(mac) });
  const key = SOURCES[type];
  if (key !== undefined && source !== undefined) element.ele('source', { [key]: literal(source) });
  return element.end({ headless: true });
}

export function readInterface(element: XmlElement): InterfaceFacts {
  const source = element.first('source');
  const mtu = element.first('mtu')?.attribute('size');
  return {
    type: element.attribute('type') ?? '',
    source: source?.attribute('network') ?? source?.attribute('bridge') ?? source?.attribute('dev'),
    bridge: source?.attribute('bridge'),
    mac: element.first('mac')?.attribute('address')?.toLowerCase(),
    model: element.first('model')?.attribute('type'),
    mtu: mtu === undefined ? undefined : Number(mtu),
    tap: element.first('target')?.attribute('dev'),
    linkUp: element.first('link')?.attribute('state') !== 'down',
  };
}
