// JSON schemas as Claude's structured outputs take them: closed objects, and no bounds. Called by write-request.ts, here and
// in bedrock-converse/. The rules are those of Anthropic's page on structured outputs.
import { members } from '../../dialect/openai/words.ts'

/** Keywords that are refused. What they say is told in the description instead, as Anthropic's own libraries do. */
const REFUSED = new Set([
  'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength', 'maxItems', 'uniqueItems',
  'minProperties', 'maxProperties', 'patternProperties', 'propertyNames', 'contains', 'minContains', 'maxContains',
])
const OF_MANY = ['properties', '$defs', 'definitions'] as const
const OF_LISTS = ['anyOf', 'allOf', 'prefixItems'] as const

/** A schema that is taken, and whether it is less strict than the one that was asked for. */
export interface Taken {
  readonly schema: Readonly<Record<string, unknown>>
  readonly changed: boolean
}

/** Fits a schema. Its depth is bounded by that of the body which it came in. */
export function takenSchema(raw: unknown): Taken {
  const schema: Record<string, unknown> = {}
  const told: string[] = []
  let changed = false
  const within = (part: unknown): unknown => {
    if (typeof part !== 'object' || part === null) return part
    const taken = takenSchema(part)
    changed ||= taken.changed
    return taken.schema
  }
  for (const [key, value] of Object.entries(members(raw))) {
    if (REFUSED.has(key) || (key === 'minItems' && value !== 0 && value !== 1)) told.push(`${key}: ${JSON.stringify(value)}`)
    else if (OF_MANY.some(one => one === key)) schema[key] = eachOf(value, within)
    else if (OF_LISTS.some(one => one === key) && Array.isArray(value)) schema[key] = value.map(within)
    else if (key === 'oneOf' && Array.isArray(value)) schema.anyOf = value.map(within)
    else if (key === 'items') schema.items = within(value)
    else schema[key] = value
  }
  if (schema.type === 'object' || schema.properties !== undefined) {
    changed ||= schema.additionalProperties !== undefined && schema.additionalProperties !== false
    schema.additionalProperties = false
  }
  if (told.length === 0) return { schema, changed }
  const said = typeof schema.description === 'string' ? `${schema.description} ` : ''
  return { schema: { ...schema, description: `${said}(${told.join(', ')})` }, changed: true }
}

function eachOf(value: unknown, within: (part: unknown) => unknown): unknown {
  return Object.fromEntries(Object.entries(members(value)).map(([name, part]) => [name, within(part)]))
}
