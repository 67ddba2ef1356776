// Messages of Google's APIs as JSON. Used by everything in gemini/ that reads.
import { members } from '../../dialect/openai/words.ts'

/** The fields of a message, in camel case. */
export type Fields = Readonly<Record<string, unknown>>

/**
 * The fields of what may be a message. JSON of protocol buffers may spell a field in camel case or as the .proto file
 * does; Google's own examples mix both. Keys of free objects (arguments, schemas) are none: they are left to `members`.
 */
export function fieldsOf(value: unknown): Fields {
  const told = members(value)
  if (!Object.keys(told).some(key => key.includes('_'))) return told
  return Object.fromEntries(Object.entries(told).map(([key, member]) => [
    key.replace(/(?<=[a-z])_([a-z])/g, (_, letter: string) => letter.toUpperCase()), member,
  ]))
}

/** What may be a list of messages. */
export function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : []
}

/** The string that may stand in a field, else `''`. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** True for a JSON object, which an array is not. */
export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
