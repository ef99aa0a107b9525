import type { Vnc, VncLogin } from '../../machine/vnc.ts';
import { vncPassword } from '../../values/vnc.ts';
import type { FileTexts } from '../referenced-files.ts';
import type { ConfigFile } from '../schema/vm-file.ts';

type Section = NonNullable<ConfigFile['vnc']>;

/** The screen that a file without mistakes asks for; undefined: none. */
export function toVnc(section: Section | undefined, texts: FileTexts): Vnc | undefined {
  if (section === undefined || section === false) return undefined;
  if (section === true) return { listen: undefined, port: undefined, login: undefined, video: 'virtio' };
  const { listen, port, video } = section;
  return { listen, port, login: loginOf(section, texts), video };
}

function loginOf(section: Exclude<Section, boolean>, texts: FileTexts): VncLogin | undefined {
  const { password_file: file, one_time_password: once } = section;
  if (file === undefined) return once ? { by: 'one-time' } : undefined;
  const text = texts.get(file);
  if (typeof text !== 'string') throw new Error(`the rules let a file pass that was not read: ${file}`);
  return { by: 'password', password: vncPassword(text) };
}
