/** As plow and libvirt write it. */
const PASSWORD = /(?<before><graphics [^>]*passwd=["'])[^"']+(?=["'])/gu;

/** A document of a domain with other words in place of the password of a screen. */
export function withoutVncPassword(xml: string, words: string): string {
  return xml.replaceAll(PASSWORD, `$<before>${words}`);
}
