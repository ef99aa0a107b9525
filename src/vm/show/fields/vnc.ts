import type { DeclaredVnc } from '../../../libvirt-xml/metadata/vnc.ts';
import type { VncFacts } from '../../../libvirt-xml/domain/devices/vnc.ts';
import { compared, json, jsonOrNull, partsOrNull } from './field.ts';
import type { Key, VmField } from './field.ts';

const SCREEN: readonly Key<VncFacts>[] = [
  { key: 'listen', json: json('string', ({ listen }) => listen, 'none, socket or an address') },
  {
    key: 'port',
    json: jsonOrNull(
      'integer',
      ({ livePort, port }) => livePort ?? port,
      'null where it has none, or none yet',
    ),
  },
  { key: 'socket', json: jsonOrNull('string', ({ socket }) => socket, 'its path, of a VM that runs') },
  { key: 'video', json: jsonOrNull('string', ({ video }) => video, 'model of the video card') },
];

const MADE: readonly Key<DeclaredVnc>[] = [
  { key: 'listen', json: jsonOrNull('string', ({ listen }) => listen, 'null where plow was to choose') },
  { key: 'port', json: jsonOrNull('number', ({ port }) => port) },
  { key: 'login', json: jsonOrNull('string', ({ login }) => login, 'password, one-time; null: none') },
  { key: 'video', json: jsonOrNull('string', ({ video }) => video) },
];

/** The screen of a VM. The address of one that runs is among its consoles, for people. */
export const VNC_FIELD: VmField = {
  key: 'vnc',
  json: partsOrNull(SCREEN, ({ facts }) => facts.vnc, 'null: it has no screen over VNC'),
  declared: partsOrNull(MADE, ({ vnc }) => vnc, 'null: it was made without a screen'),
  declaredLines: ({ vnc }) => [['Screen', vnc && `vnc, ${madeText(vnc)}`]],
  compare: compared(
    ({ vnc }) => vnc && textOf(vnc.listen, vnc.port),
    ({ vnc }) => (vnc === undefined ? null : vnc.listen && textOf(vnc.listen, vnc.port)),
  ),
  word: 'screen',
};

function madeText({ listen, port, login }: DeclaredVnc): string {
  const where = listen === undefined ? 'where plow chose' : textOf(listen, port);
  return login === undefined
    ? where
    : `${where}, with ${login === 'one-time' ? 'one-time passwords' : 'a password'}`;
}

function textOf(listen: string, port: number | undefined): string {
  if (listen === 'none') return 'no socket';
  return port === undefined ? listen : `${listen}:${port}`;
}
