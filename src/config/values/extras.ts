import { quote } from '../../text/quote.ts';
import { imagePathMistake } from './names.ts';

/** What Ignition reads unless a file says otherwise. */
export const FW_CFG_NAME = 'opt/com.coreos/config';
/** Those by which guests of Ignition look, or have looked. */
export const IGNITION_NAMES: ReadonlySet<string> = new Set([FW_CFG_NAME, 'opt/org.flatcar-linux/config']);

/** QEMU's own bound, its closing NUL apart. */
const LONGEST_FW_CFG = 55;

/** Kept for the firmware itself: libvirt refuses them. */
const RESERVED = ['opt/ovmf/', 'opt/org.qemu/'] as const;

/** Why a text cannot name a file of fw_cfg, or undefined if it can. */
export function fwCfgNameMistake(text: string): string | undefined {
  if (!text.startsWith('opt/'))
    return `must begin with opt/, such as opt/org.example/config, got ${quote(text)}`;
  const reserved = RESERVED.find((one) => text.startsWith(one));
  if (reserved !== undefined) return `must not begin with ${reserved}, which is the firmware's own`;
  if (text.length > LONGEST_FW_CFG)
    return `must have at most ${LONGEST_FW_CFG} characters, got ${text.length}`;
  return /^opt(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)+$/u.test(text)
    ? undefined
    : `must be parts of letters, digits, ., - and _ with a / between them, got ${quote(text)}`;
}

/** Why a text cannot be the path of a file that QEMU's options name, or undefined if it can. */
export function fwCfgFileMistake(text: string): string | undefined {
  return (
    imagePathMistake(text) ??
    (text.includes(',') ? `must not have a comma in it, got ${quote(text)}` : undefined)
  );
}
