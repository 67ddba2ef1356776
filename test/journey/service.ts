// A service that the detector of asking.ts asks, in the hands of a test: it hears each question, and answers when told.
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Finding, Segment } from '../../sdk/index.ts'
import { openUpstream } from './rig.ts'

/** The file of the processor that asks; a config has to list it under `trusted`. */
export const ASKING = join(import.meta.dirname, 'asking.ts')

/** What the service was asked, and the way to answer. */
export interface Question {
  readonly segments: readonly Segment[]
  readonly remaining: number
  /** Every occurrence of a word in what was asked, as findings. */
  find(word: string, more?: Partial<Finding>): Finding[]
  answer(findings: readonly Finding[]): void
  fail(): void
}

/** Opens a service; without `hear` it finds nothing. Its url goes into the options of a step. */
export async function openService(
  t: TestContext, hear: (question: Question) => void = question => question.answer([]),
): Promise<{ readonly url: string; readonly questions: readonly Question[] }> {
  const questions: Question[] = []
  const { url } = await openUpstream(t, (reply, body) => {
    const question = questionOf(body, reply)
    questions.push(question)
    hear(question)
  })
  return { url, questions }
}

function questionOf(body: Buffer, reply: ServerResponse): Question {
  const { segments, remaining } = JSON.parse(body.toString()) as Pick<Question, 'segments' | 'remaining'>
  return {
    segments, remaining,
    find: (word, more = {}) => segments.flatMap(({ id, text }) => [...text.matchAll(RegExp(word, 'g'))].map(({ index }): Finding =>
      ({ segment: id, start: index, end: index + word.length, type: 'word', action: 'replace', ...more }))),
    answer: findings => void reply.end(JSON.stringify(findings)),
    fail: () => void reply.writeHead(500).end(),
  }
}
