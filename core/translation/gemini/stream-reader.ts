// An answer of Gemini read as it comes; a whole one is a stream of one frame. Called by translated.ts and answer-reader.ts.
import type { CanonicalEvent, StreamReader } from '../../../sdk/index.ts'
import { usage as readUsage } from '../../dialect/gemini/answers.ts'
import { count } from '../../dialect/openai/words.ts'
import { Candidate } from './candidate.ts'
import { readError } from './error.ts'
import { fieldsOf, isObject, listOf, textOf, type Fields } from './proto.ts'

/** Reads one stream of server-sent events. */
export function streamReader(): StreamReader {
  const reader = new BodyReader()
  return { read: ({ payload }) => reader.read(JSON.parse(payload)), close: () => reader.close() }
}

/** Reads bodies of one answer: the frames of a stream, or the whole. */
export class BodyReader {
  #begun = false
  #failed = false
  #id = ''
  /** Why the prompt was refused; there are no candidates then. */
  #blocked = ''
  readonly #candidates = new Map<number, Candidate>()

  /** The events of one body. Throws an Error where it is no JSON object. */
  read(raw: unknown): CanonicalEvent[] {
    if (this.#failed) return []
    if (!isObject(raw)) throw new Error('A frame of Gemini is no JSON object')
    const body = fieldsOf(raw)
    if (body.error !== undefined) return this.#fail(raw)
    const events = this.#begin(body)
    this.#blocked = textOf(fieldsOf(body.promptFeedback).blockReason) || this.#blocked
    for (const candidate of listOf(body.candidates)) {
      const index = count(candidate.index) ?? 0
      const known = this.#candidates.get(index) ?? new Candidate(index, this.#id)
      this.#candidates.set(index, known)
      events.push(...known.read(candidate))
    }
    const usage = readUsage(fieldsOf(body.usageMetadata))
    if (usage !== undefined) events.push({ event: 'usage', usage })
    return events
  }

  /** The events that the end of the connection means: a clean end only where every candidate told why it ended. */
  close(): CanonicalEvent[] {
    const candidates = [...this.#candidates.values()]
    if (this.#failed || !candidates.every(candidate => candidate.finished)) return []
    if (candidates.length > 0) return [...candidates.flatMap(candidate => candidate.finish()), { event: 'end' }]
    if (this.#blocked === '') return []
    return [{ event: 'finish', choice: 0, finish: { stop: 'filter', raw: this.#blocked } }, { event: 'end' }]
  }

  #begin({ responseId, modelVersion, createTime }: Fields): CanonicalEvent[] {
    if (this.#begun) return []
    this.#begun = true
    this.#id = textOf(responseId)
    const created = Math.floor(Date.parse(textOf(createTime)) / 1000)
    return [{ event: 'start', id: this.#id, model: textOf(modelVersion), ...(Number.isFinite(created) && { created }) }]
  }

  #fail(body: unknown): CanonicalEvent[] {
    this.#failed = true
    const error = readError(0, body)
    return [...this.#begin({}), { event: 'error', error }]
  }
}
