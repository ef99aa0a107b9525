import { isReachable, listenOf, openDoubt } from '../../machine/vnc.ts';
import type { Machine } from '../../machine.ts';
import { listenMistake, passwordFileMistake } from '../../values/vnc.ts';
import type { Mistake } from '../../yaml/mistake.ts';
import { isMap, valueAt } from '../../yaml/raw-value.ts';
import { quote } from '../../../text/quote.ts';
import type { FileTexts } from '../referenced-files.ts';

/** Rules of `vnc` that span values, or look into the file that it names. */
export function vncMistakes(file: unknown, texts: FileTexts): Mistake[] {
  const section = valueAt(file, 'vnc');
  if (!isMap(section)) return [];
  const [listen, once] = [valueAt(section, 'listen'), valueAt(section, 'one_time_password')];
  const named = valueAt(section, 'password_file');
  const isOpen = named === undefined && once !== true;
  return [
    ...(valueAt(section, 'port') !== undefined && (listen === 'none' || listen === 'socket')
      ? [{ path: ['vnc', 'port'], text: `with listen: ${listen} there is no port` }]
      : []),
    ...(isAddress(listen) && isReachable(listen) && isOpen
      ? [
          {
            path: ['vnc', 'listen'],
            text: `whoever reaches ${listen} would see the screen and type: give it a password_file or one_time_password: true, or listen at 127.0.0.1`,
          },
        ]
      : []),
    ...(named !== undefined && once === true
      ? [{ path: ['vnc', 'one_time_password'], text: 'password_file says who gets in; keep one of them' }]
      : []),
    ...passwordMistakes(named, texts),
  ];
}

function isAddress(listen: unknown): listen is string {
  return typeof listen === 'string' && listenMistake(listen) === undefined;
}

function passwordMistakes(named: unknown, texts: FileTexts): Mistake[] {
  const text = typeof named === 'string' ? texts.get(named) : undefined;
  if (typeof named !== 'string' || text === undefined) return [];
  const problem = typeof text === 'string' ? passwordFileMistake(text) : text.problem;
  return problem === undefined
    ? []
    : [{ path: ['vnc', 'password_file'], text: `${quote(named)} ${problem}` }];
}

/** A screen that others reach, wherever the hypervisor is, and a password that nobody is asked for. */
export function vncDoubts({ vnc }: Machine): Mistake[] {
  if (vnc === undefined) return [];
  if (vnc.listen === 'none' && vnc.login !== undefined) {
    const key = vnc.login.by === 'password' ? 'password_file' : 'one_time_password';
    const text = `with listen: none there is no socket to ask for a password at: plow vnc comes over libvirt, and asks for none`;
    return [{ path: ['vnc', key], text }];
  }
  const open = openDoubt(vnc, listenOf(vnc, true));
  if (open !== undefined)
    return [{ path: ['vnc', vnc.listen === undefined ? 'port' : 'listen'], text: open }];
  if (vnc.listen === undefined || !isReachable(vnc.listen)) return [];
  const text = `other machines reach ${vnc.listen}: VNC does not encrypt what is shown and typed, and its passwords have 8 characters; 127.0.0.1 and plow vnc go over ssh`;
  return [{ path: ['vnc', 'listen'], text }];
}
