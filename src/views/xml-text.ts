import { printable } from '../text/printable.ts';

/**
 * Comments and what is no markup, which know no references; marks that a terminal acts on; lines that begin
 * as a command.
 */
const UNSAFE =
  /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|\n(?=[^\S\n]*::[a-z])|(?<=#)#(?=(?:vso|teamcity)?\[)/giu;

/**
 * A foreign XML document that no terminal acts on: control characters and marks that turn or hide text are
 * references, which every parser reads back. https://www.w3.org/TR/xml/#sec-references
 */
export function xmlText(xml: string): string {
  return xml.replaceAll(UNSAFE, (found) =>
    found.startsWith('<')
      ? found.split('\n').map(printable).join('\n')
      : `&#x${(found.codePointAt(0) ?? 0).toString(16)};`,
  );
}
