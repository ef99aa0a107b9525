export const TOO_DEEP = 'nested too deeply';

/**
 * The parser's own words often repeat what stands in the file, and that may be a password:
 * for each of these errors there are words that do not.
 */
const TEXTS: Readonly<Record<string, string>> = {
  BAD_ALIAS: 'a value that starts with * or & needs quotes',
  BAD_DQ_ESCAPE: 'double quotes hold a backslash that YAML does not understand; use single quotes',
  BAD_SCALAR_START: 'a value that starts with @, ` or % needs quotes',
  MULTIPLE_DOCS: 'a second document starts here, and a file can have one only',
  RESOURCE_EXHAUSTION: TOO_DEEP,
  TAB_AS_INDENT: 'a tab is used as indentation; YAML wants spaces',
  TAG_RESOLVE_FAILED: 'a value does not fit its tag (!); put text in quotes',
  UNEXPECTED_TOKEN:
    'something stands where YAML does not expect it; a quote, comma or bracket may be missing or too many',
};

/** One line for an error of the YAML parser. */
export function syntaxText(code: string, message: string): string {
  const [firstLine = ''] = message.split('\n');
  return TEXTS[code] ?? `not valid YAML: ${firstLine}`;
}
