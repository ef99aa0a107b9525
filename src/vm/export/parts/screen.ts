import type { DraftValues } from '../../../config/draft/draft.ts';
import { isReachable, VIDEO_MODELS } from '../../../config/machine/vnc.ts';
import { listenMistake } from '../../../config/values/vnc.ts';
import type { DeclaredVnc } from '../../../libvirt-xml/metadata/vnc.ts';
import type { VncFacts } from '../../../libvirt-xml/domain/devices/vnc.ts';
import type { Evidence } from '../evidence.ts';
import { Words } from '../piece.ts';
import type { Piece } from '../piece.ts';

type Section = Exclude<NonNullable<DraftValues['vnc']>, boolean>;

/** Of a file that is to be written by whoever has the password. */
export const PASSWORD_FILE = 'vnc-password';

/** The screen of a VM. */
export function screenPiece({ facts: { vnc, bareVideo }, metadata }: Evidence): Piece {
  const words = new Words();
  const made = metadata?.declared.vnc;
  if (vnc === undefined) {
    if (made !== undefined) words.at(['vnc'], 'vnc: it had a screen when plow made the VM');
    const values = bareVideo === undefined ? {} : { vnc: cardAlone(bareVideo, words) };
    return { values, remarks: words.remarks, rest: words.rest };
  }
  if (metadata !== undefined && made === undefined) words.at(['vnc'], 'it had none when plow made the VM');
  const section = sectionOf(vnc, made, words);
  const isBare = Object.values(section).every((value) => value === undefined);
  return { values: { vnc: isBare ? true : section }, remarks: words.remarks, rest: words.rest };
}

/** plow gives a card a screen that libvirt alone leads to: no socket of the hypervisor. */
function cardAlone(video: string, words: Words): Section {
  words.at(['vnc'], 'it has a video card, and no VNC; plow has both or none');
  return { listen: 'none', video: videoOf({ video }, words) };
}

function sectionOf(vnc: VncFacts, made: DeclaredVnc | undefined, words: Words): Section {
  const isChosen =
    made !== undefined && made.listen === undefined && ['none', '127.0.0.1'].includes(vnc.listen);
  const isSayable = listenMistake(vnc.listen) === undefined;
  if (!isSayable) words.at(['vnc', 'listen'], `listen: it is at ${vnc.listen}, which plow has no words for`);
  if (!isChosen) words.changed(['vnc', 'listen'], vnc.listen, made?.listen);
  const hasPort = vnc.listen !== 'none' && vnc.listen !== 'socket';
  if (hasPort) words.changed(['vnc', 'port'], vnc.port, made?.port);
  return {
    listen: isChosen || !isSayable ? undefined : vnc.listen,
    port: hasPort ? vnc.port : undefined,
    ...loginOf(vnc, made, words),
    video: videoOf(vnc, words),
  };
}

/** libvirt shows passwords to nobody who does not ask for them, and a file has none. */
function loginOf(vnc: VncFacts, made: DeclaredVnc | undefined, words: Words): Section {
  if (made?.login === 'one-time') return { one_time_password: true };
  const isFixed = made?.login === 'password';
  if (!isFixed && !isReachable(vnc.listen)) return {};
  words.at(
    ['vnc', 'password_file'],
    isFixed
      ? 'the password of the VM is not shown: write one into this file'
      : 'whether there is a password libvirt does not show: write one into this file',
  );
  return { password_file: PASSWORD_FILE };
}

function videoOf({ video }: Pick<VncFacts, 'video'>, words: Words): Section['video'] {
  const known = VIDEO_MODELS.find((one) => one === video);
  if (known === undefined && video !== undefined)
    words.at(['vnc', 'video'], `video: its card is ${video}, which plow has not`);
  return known === 'virtio' ? undefined : known;
}
