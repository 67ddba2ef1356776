// The question that outage.ts asks and the one answer to it, in pieces and whole: whoever knows the number knows every byte.
// Used by vendors.ts, which gives it, and asker.ts, which checks it.
import { unfold } from '../../core/fold.ts'
import type { CanonicalAnswer, CanonicalEvent, CanonicalRequest } from '../../sdk/index.ts'

const WORDS = ['what', ' you', ' asked', ' has', ' an', ' answer', ' and', ' here', ' it', ' ends.']

/** What is asked. */
export const questionOf = (number: number): string => `Question ${number}`
/** What a model says to it. */
export const textOf = (number: number): string => piecesFor(number).join('')

const piecesFor = (number: number): string[] => [`Answer ${number}: `, ...WORDS]

/** The answer, whole. */
export function answerTo(request: CanonicalRequest): CanonicalAnswer {
  return {
    id: 'answer-1', model: request.model, created: 1_700_000_000,
    choices: [{ index: 0, blocks: [{ kind: 'text', text: textOf(numberOf(request)) }], finish: { stop: 'end', raw: '' } }],
    usage: { input: 5, output: 11, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' },
  }
}

/** The answer as a stream: the events before its text, the pieces of that, and the events after. */
export function piecesOf(request: CanonicalRequest):
{ readonly question: number; readonly pieces: readonly string[]; readonly before: CanonicalEvent[]; readonly after: CanonicalEvent[] } {
  const question = numberOf(request)
  const events = unfold(answerTo(request))
  const text = events.findIndex(({ event }) => event === 'delta')
  return { question, pieces: piecesFor(question), before: events.slice(0, text), after: events.slice(text + 1) }
}

function numberOf({ turns }: CanonicalRequest): number {
  const block = turns.at(-1)?.blocks[0]
  const number = block?.kind === 'text' ? /^Question (\d+)$/.exec(block.text)?.[1] : undefined
  if (number === undefined) throw new Error('expected a question with a number')
  return Number(number)
}
