/** A text with the password left out of every URI in it: `qemu+tcp://me:***@host/system`. */
export function withoutPassword(text: string): string {
  return text.replaceAll(/(:\/\/[^\s/?#:@]*):[^\s?#]*@/gu, '$1:***@');
}
