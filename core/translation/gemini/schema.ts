// JSON schema and the subset of OpenAPI 3.0 that Gemini's fields `parameters` and `responseSchema` speak. Called by
// request-reader.ts and request-writer.ts.
import { isObject, type Fields } from './proto.ts'

/** Counts, which JSON of protocol buffers writes as strings where they may be long. */
const COUNTS = ['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties']

/** What the subset has besides `type`, `enum` and what holds schemas. */
const KEPT = new Set([
  'title', 'description', 'format', 'nullable', 'default', 'example', 'required', 'propertyOrdering', 'pattern',
  'minimum', 'maximum', ...COUNTS,
])

/** A schema of the subset as JSON schema: types in lower case, counts as numbers, and `nullable` as one type more. */
export function toJsonSchema(schema: unknown): unknown {
  if (!isObject(schema)) return schema
  const { nullable, type, ...rest } = schema
  const word = typeof type === 'string' ? type.toLowerCase() : type
  const told = word === 'type_unspecified' ? undefined : word
  return {
    ...(told !== undefined && { type: nullable === true && typeof told === 'string' ? [told, 'null'] : told }),
    ...inside(rest, toJsonSchema),
    ...Object.fromEntries(COUNTS.filter(key => /^\d{1,15}$/.test(String(rest[key]))).map(key => [key, Number(rest[key])])),
  }
}

/** A JSON schema in the words of the subset; `lost` is told every keyword that it has not. */
export function toSubset(schema: unknown, lost: (keyword: string) => void): unknown {
  if (!isObject(schema)) return schema
  const told: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'type') Object.assign(told, typeOf(value))
    else if (key === 'const') told.enum = [value]
    else if (key === 'oneOf') told.anyOf = value
    else if (key === 'enum' || key === 'properties' || key === 'items' || key === 'anyOf' || KEPT.has(key)) told[key] = value
    // Says nothing that a model would do otherwise.
    else if (!['$schema', '$id', '$comment', 'additionalProperties'].includes(key)) lost(key)
  }
  return inside(told, one => toSubset(one, lost))
}

/** `["string", "null"]` is a nullable string. */
function typeOf(type: unknown): Fields {
  if (!Array.isArray(type)) return { type }
  const [first, ...more] = type.filter(one => one !== 'null')
  const nullable = type.includes('null') && { nullable: true }
  return more.length === 0 ? { type: first, ...nullable } : { anyOf: [first, ...more].map(one => ({ type: one })), ...nullable }
}

/** The same schema, with the schemas inside of it changed. */
function inside(schema: Fields, change: (inner: unknown) => unknown): Fields {
  const { properties, items, anyOf } = schema
  return {
    ...schema,
    ...(isObject(properties)
      && { properties: Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, change(inner)])) }),
    ...(items !== undefined && { items: change(items) }),
    ...(Array.isArray(anyOf) && { anyOf: anyOf.map(change) }),
  }
}
