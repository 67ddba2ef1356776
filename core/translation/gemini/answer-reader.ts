// A whole answer of Gemini. Called by translated.ts.
import type { CanonicalAnswer } from '../../../sdk/index.ts'
import { fold } from '../../fold.ts'
import { fieldsOf } from './proto.ts'
import { BodyReader } from './stream-reader.ts'

/** Reads a GenerateContentResponse. Throws an Error where the body holds neither candidates nor a refused prompt. */
export function readAnswer(body: unknown): CanonicalAnswer {
  const { candidates, promptFeedback, error } = fieldsOf(body)
  if (error !== undefined || (!Array.isArray(candidates) && promptFeedback === undefined)) {
    throw new Error('The body is no answer of Gemini')
  }
  const reader = new BodyReader()
  return fold([...reader.read(body), ...reader.close()]).answer
}
