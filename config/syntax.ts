// What broken YAML usually comes from, in our words: the parser's own sentences may quote the text, and with it a
// secret. Called by config/source.ts.
import type { YAMLError } from 'yaml'

const QUOTES = 'put a text with a special character in quotes'
const TAGS = 'tags are not used here; put a text that begins with ! in quotes'

const SENTENCES: Partial<Record<YAMLError['code'], string>> = {
  BAD_ALIAS: 'put a text that begins with * in quotes',
  BAD_COLLECTION_TYPE: TAGS,
  BAD_DQ_ESCAPE: 'between double quotes a backslash begins an escape; between single quotes it is itself',
  BAD_INDENT: 'the indentation does not fit the lines above, or a bracket is not closed',
  BAD_SCALAR_START: QUOTES,
  BLOCK_AS_IMPLICIT_KEY: 'the indentation does not fit the lines above, or a text with a colon needs quotes',
  MISSING_CHAR: 'a quote, bracket, comma or colon is missing',
  MULTILINE_IMPLICIT_KEY: 'a key is not followed by a colon, or a quote is missing',
  MULTIPLE_DOCS: 'a file holds one config: take out the line ---',
  NON_STRING_KEY: 'a key is a plain text; put a text that begins with { or [ in quotes',
  RESOURCE_EXHAUSTION: 'the brackets are nested too deeply',
  TAB_AS_INDENT: 'indent with spaces, not with tabs',
  TAG_RESOLVE_FAILED: TAGS,
  UNEXPECTED_TOKEN: 'something stands here that does not belong; a quote or bracket may be missing before it',
}

/** A sentence for a parser's error code; `line` is the line of the text that it was raised in. */
export function syntaxSentence(code: YAMLError['code'], line: string): string {
  if (line.includes('${')) return 'between brackets a reference needs quotes: "${env:NAME}"'
  return SENTENCES[code] ?? QUOTES
}
