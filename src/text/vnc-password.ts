const ATTRIBUTE = String.raw`\s+[\w:.-]+=(?:"[^"]*"|'[^']*')`;
/** As plow and libvirt write it: the quote that began it ends it, and the other one may stand in it. */
const PASSWORD = new RegExp(
  String.raw`(?<before><graphics(?:${ATTRIBUTE})*?\s+passwd=)(?:(?<double>")[^"]+"|(?<single>')[^']+')`,
  'gu',
);

/** A document of a domain with other words in place of the password of a screen. */
export function withoutVncPassword(xml: string, words: string): string {
  return xml.replaceAll(PASSWORD, `$<before>$<double>$<single>${words}$<double>$<single>`);
}
