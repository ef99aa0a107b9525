import { MOVE_NAMESPACE, moveElementInDocument } from '../metadata/move.ts';
import type { MoveMark } from '../metadata/move.ts';
import { parseXml } from '../read/parse.ts';
import { replaced, spansOf } from '../snapshot/spans.ts';

/**
 * Behind the paths of the disks of a domain that must not be started: libvirt then finds no such file,
 * whoever asks it to start.
 */
const BARRED = '.plow-moving';

/** What becomes of a domain's document at either end of a move. */
export interface Moving {
  readonly uuid: string;
  /** Undefined: no word of a move. */
  readonly mark: MoveMark | undefined;
  /** It cannot be started, whoever tries. */
  readonly isBarred: boolean;
  /** libvirt is to choose its QEMU: it may lie elsewhere on another hypervisor. */
  readonly isElsewhere: boolean;
}

/**
 * The document of a domain, at its next stage of a move. Of all else no character is changed.
 * @param domainDocument at whatever stage of one
 */
export function movingDocument(
  domainDocument: string,
  { uuid, mark, isBarred, isElsewhere }: Moving,
): string {
  const open = openDocument(domainDocument);
  const gone = [
    ...spansOf(open, 'domain', 'metadata', `${MOVE_NAMESPACE.prefix}:move`),
    ...(isElsewhere ? spansOf(open, 'domain', 'devices', 'emulator') : []),
  ];
  const bare = replaced(
    open,
    gone.map((at) => ({ at, by: '' })),
  );
  const marked = mark === undefined ? bare : withMark(bare, moveElementInDocument(uuid, mark));
  return isBarred ? changedDisks(marked, (path) => `${path}${BARRED}`) : marked;
}

/** The document with the paths of its disks as they are. */
export function openDocument(domainDocument: string): string {
  if (!domainDocument.includes(BARRED)) return domainDocument;
  return changedDisks(domainDocument, (path) =>
    path.endsWith(BARRED) ? path.slice(0, -BARRED.length) : path,
  );
}

function withMark(document: string, element: string): string {
  const [metadata] = spansOf(document, 'domain', 'metadata');
  if (metadata === undefined) throw new Error('a VM of plow has metadata');
  const end = metadata.text.lastIndexOf('</metadata>');
  const by = `${metadata.text.slice(0, end)}${element}${metadata.text.slice(end)}`;
  return replaced(document, [{ at: metadata, by }]);
}

/** @param change of a path as it is written, with what XML escapes */
function changedDisks(document: string, change: (path: string) => string): string {
  const changes = spansOf(document, 'domain', 'devices', 'disk').flatMap((at) => {
    if ((parseXml(at.text).attribute('device') ?? 'disk') !== 'disk') return [];
    const [source] = spansOf(at.text, 'disk', 'source');
    if (source === undefined) return [];
    const by = source.text.replace(
      /^(?<start><source\s[^<>]*?\bfile=)(?<quote>["'])(?<path>[^"'<>]*)\k<quote>/u,
      (_, start: string, quote: string, path: string) => `${start}${quote}${change(path)}${quote}`,
    );
    return [{ at, by: replaced(at.text, [{ at: source, by }]) }];
  });
  return replaced(document, changes);
}
