/** What libvirt's own clients are told of hypervisors. */
export interface LibvirtConf {
  /** URIs by their short names. */
  readonly aliases: ReadonlyMap<string, string>;
  /** For whoever names none. */
  readonly uriDefault: string | undefined;
}

export const NO_CONF: LibvirtConf = { aliases: new Map(), uriDefault: undefined };

/** A text in quotes, or what begins a comment. */
const TEXT_OR_COMMENT = /(?<text>"[^"\n]*"|'[^'\n]*')|#[^\n]*/gu;
const ALIAS = /^(?<name>[a-zA-Z0-9_.-]+)=(?<uri>.+)$/su;

/**
 * The file libvirt.conf, as far as it is about URIs; what is not as it should be is passed over, as libvirt
 * itself says of it. https://libvirt.org/uri.html#configuring-uri-aliases
 */
export function readLibvirtConf(file: string): LibvirtConf {
  const texts: string[] = [];
  const bare = file.replaceAll(TEXT_OR_COMMENT, (_, text: string | undefined) =>
    text === undefined ? '' : `"${texts.push(text.slice(1, -1)) - 1}"`,
  );
  const known = (index: string | undefined): string | undefined => texts[Number(index ?? Number.NaN)];
  const list = /^\s*uri_aliases\s*=\s*\[(?<items>[^\]]*)\]/mu.exec(bare)?.groups?.['items'] ?? '';
  const aliases = [...list.matchAll(/"(?<index>\d+)"/gu)].flatMap(({ groups }) => {
    const { name, uri } = ALIAS.exec(known(groups?.['index']) ?? '')?.groups ?? {};
    return name === undefined || uri === undefined ? [] : [[name, uri] as const];
  });
  const uriDefault = known(/^\s*uri_default\s*=\s*"(?<index>\d+)"/mu.exec(bare)?.groups?.['index']);
  return { aliases: new Map(aliases), uriDefault: uriDefault === '' ? undefined : uriDefault };
}
