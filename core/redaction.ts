// The one place that knows what each action puts in the place of a span. Called by verdict.ts.
import type { Span } from './findings.ts'
import type { TextEdit } from './patch.ts'
import type { Vault } from './vault.ts'

/** The edits for the spans of one text; `annotate` leaves the text alone. */
export function redact(text: string, spans: readonly Span[], vault: Vault, direction: 'request' | 'response'): TextEdit[] {
  const edits: TextEdit[] = []
  for (const span of spans) {
    const replaced = replacement(text.slice(span.start, span.end), span, vault, direction)
    if (replaced !== undefined) edits.push({ start: span.start, end: span.end, text: replaced })
  }
  return edits
}

function replacement(value: string, span: Span, vault: Vault, direction: 'request' | 'response'): string | undefined {
  switch (span.action) {
    case 'mask': return value.replaceAll(/[\p{L}\p{N}]/gu, '*')
    case 'hash': return `${label(span.type)}_${vault.hash(span.type, value)}`
    case 'tokenize': return direction === 'request' ? vault.token(span.type, value) : `[${label(span.type)}]`
    case 'replace': return span.replacement ?? `[${label(span.type)}]`
    default: return undefined
  }
}

const label = (type: string): string => type.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')
