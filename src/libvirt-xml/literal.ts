/**
 * A text for xmlbuilder2, which takes what looks like a reference (`&lt;`) for one and leaves it as it is.
 */
export function literal(text: string): string {
  return text.replaceAll('&', '&amp;');
}
