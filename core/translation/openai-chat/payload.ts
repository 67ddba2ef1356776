// What a stream brings, a JSON object a frame or a line. Used by the readers of streams of this family and its kin.
import { members } from '../../dialect/openai/words.ts'

/** The object of a frame, or of a line where a stream has lines. Its text stays out of the error. */
export function objectIn(payload: string, unit = 'frame'): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(payload)
  } catch {
    throw new Error(`Expected a ${unit} of JSON`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`Expected a ${unit} with an object`)
  return members(value)
}
