import { create } from 'xmlbuilder2';
import type { BridgedInterface, RoutedInterface } from '../../../config/machine.ts';
import { TAP_NAME } from '../../../config/values/tap.ts';
import { literal } from '../../literal.ts';
import type { XmlElement } from '../../read/parse.ts';
import { PLACE } from './device.ts';
import { bootOrders } from './boot-order.ts';
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
  /** Undefined where it has none, or several. */
  readonly vlan: number | undefined;
  /** Its place among what the firmware tries; undefined: the document gives it none. */
  readonly bootOrder: number | undefined;
  /** False where the document has its link down. */
  readonly linkUp: boolean;
}

/** Of their elements only what InterfaceFacts leaves out is told. */
export const INTERFACES: Device = {
  write: (devices, machine) => {
    const orders = bootOrders(machine);
    for (const [index, one] of machine.interfaces.entries())
      addInterface(devices, one, orders.interfaces[index]);
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
        vlan: { children: { tag: { attributes: { id: true } } } },
        boot: { attributes: { order: /^\d+$/u } },
        target: { attributes: { dev: TAP_NAME } },
      },
    },
  },
};

type Written =
  | Pick<BridgedInterface, 'mode' | 'mac' | 'bridge' | 'vlan' | 'mtu'>
  | Pick<RoutedInterface, 'mode' | 'mac' | 'tap' | 'mtu'>;

/** Of a routed one libvirt makes the tap, and nothing besides: whoever gives it a route goes by its name. */
function addInterface(devices: Element, one: Written, bootOrder?: number): Element {
  const { mode, mac, mtu } = one;
  const element = devices.ele('interface', { type: mode });
  element.ele('mac', { address: mac });
  if (one.mode === 'ethernet') element.ele('target', { dev: one.tap });
  else {
    element.ele('source', { bridge: one.bridge });
    if (one.vlan !== undefined) element.ele('vlan').ele('tag', { id: one.vlan });
  }
  element.ele('model', { type: 'virtio' });
  if (mtu !== undefined) element.ele('mtu', { size: mtu });
  if (bootOrder !== undefined) element.ele('boot', { order: bootOrder });
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
  const vlan = element.first('vlan');
  const tags = vlan?.attribute('trunk') === 'yes' ? [] : (vlan?.children('tag') ?? []);
  return {
    type: element.attribute('type') ?? '',
    source: source?.attribute('network') ?? source?.attribute('bridge') ?? source?.attribute('dev'),
    bridge: source?.attribute('bridge'),
    mac: element.first('mac')?.attribute('address')?.toLowerCase(),
    model: element.first('model')?.attribute('type'),
    mtu: numberOf(element.first('mtu')?.attribute('size')),
    tap: element.first('target')?.attribute('dev'),
    vlan: tags.length === 1 ? numberOf(tags[0]?.attribute('id')) : undefined,
    bootOrder: numberOf(element.first('boot')?.attribute('order')),
    linkUp: element.first('link')?.attribute('state') !== 'down',
  };
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
