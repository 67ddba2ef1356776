// What a sandboxed processor says about itself, as data: it stands in for the definition that code nobody trusts may not
// hand over. Made in realm.ts, checked here in the worker, read by chain-compiler.ts.
import { Ajv } from 'ajv'
import type { ProcessorDefinition, TSchema } from '../../sdk/index.ts'
import { CHANNELS, ORIGINS } from '../../sdk/index.ts'

/** A definition without its code. `options` is plain JSON schema. */
export type Description = Omit<ProcessorDefinition, 'setup'>

const list = (values: readonly string[]): object => ({ type: 'array', items: { enum: values }, maxItems: values.length })
const span = { type: 'integer', minimum: 0, maximum: 2 ** 20 }

const SCHEMA = {
  type: 'object',
  required: ['name', 'kind', 'rights'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,63}$' },
    version: { type: 'string', maxLength: 64 },
    kind: { enum: ['detector', 'transform', 'responder', 'observer'] },
    rights: list(['annotate', 'edit', 'block', 'respond']),
    reads: { type: 'object', additionalProperties: false, properties: { origins: list(ORIGINS), channels: list(CHANNELS) } },
    on: list(['request', 'response']),
    stream: {
      type: 'object',
      additionalProperties: false,
      properties: {
        maxMatch: span, lookbehind: span, lookahead: span,
        delivery: { enum: ['window', 'complete'] },
        window: {
          type: 'object', required: ['size', 'overlap'], additionalProperties: false, properties: { size: span, overlap: span },
        },
      },
    },
    remembers: { type: 'boolean' },
    needs: list(['usage']),
    onError: { enum: ['open', 'closed'] },
    mode: { enum: ['enforce', 'shadow'] },
    options: { type: 'object' },
  },
}

// The schema is ours, and every process compiles this at its start: nothing asks whether it is one.
const isDescription = new Ajv({ validateSchema: false }).compile<Description & { readonly options?: TSchema }>(SCHEMA)

/** The description in a JSON text from a host. Throws a sentence that names the first thing wrong. */
export function descriptionOf(text: string): Description {
  const value: unknown = JSON.parse(text)
  if (isDescription(value)) return value
  const problem = isDescription.errors?.[0]
  const place = problem?.instancePath.slice(1).replaceAll('/', '.') || 'the definition'
  throw new Error(`The processor's definition is not valid: ${place} ${problem?.message ?? 'is malformed'}.`)
}
