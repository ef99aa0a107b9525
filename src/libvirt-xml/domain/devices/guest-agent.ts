import type { XmlElement } from '../../read/parse.ts';
import { ANYTHING, PLACE } from './device.ts';
import type { Device } from './device.ts';

const AGENT = 'org.qemu.guest_agent.0';

/** Undefined: the domain has no channel for it. `unknown`: the domain does not run. */
export type AgentFacts = 'connected' | 'disconnected' | 'unknown' | undefined;

/** The channel of the guest agent. */
export const GUEST_AGENT: Device = {
  write: (devices) => {
    devices.ele('channel', { type: 'unix' }).ele('target', { type: 'virtio', name: AGENT });
  },
  shapes: {
    channel: {
      oneOf: [
        {
          attributes: { type: /^unix$/u },
          children: {
            ...PLACE,
            source: ANYTHING,
            target: {
              attributes: { type: /^virtio$/u, name: /^org\.qemu\.guest_agent\.0$/u, state: true },
            },
          },
        },
      ],
    },
  },
  always: {
    words: 'a channel for the guest agent',
    isIn: (devices) => agentTarget(devices) !== undefined,
  },
};

export function readAgent(devices: XmlElement | undefined): AgentFacts {
  const target = devices && agentTarget(devices);
  if (target === undefined) return undefined;
  const state = target.attribute('state');
  return state === 'connected' || state === 'disconnected' ? state : 'unknown';
}

function agentTarget(devices: XmlElement): XmlElement | undefined {
  return devices.all('channel', 'target').find((one) => one.attribute('name') === AGENT);
}
