// What responders may learn from one exchange: the questions that they were asked, and the answer that came. It is kept as
// it arrives, and read when the last byte has left. Kept on the Context; filled by chain.ts and answer.ts, told by settle.ts.
import { setImmediate as afterThisTurn } from 'node:timers/promises'
import type { Answered, CanonicalAnswer, Question, Scope, StepRecord, Translation } from '../sdk/index.ts'
import { noteWord } from './change.ts'
import type { Source } from './call.ts'
import type { Context } from './context.ts'
import { fold } from './fold.ts'
import { read, textOf } from './reading.ts'
import type { Route } from './router.ts'
import { callStep, type Step } from './step.ts'

/** Bytes of an answer beyond which nobody learns it; the longest answers of models, framed, are a quarter of it. */
const LONGEST = 4 * 2 ** 20

interface Asked {
  readonly step: Step
  readonly record: StepRecord
  readonly question: Question
  readonly scope: Scope
}

/** The lessons of one exchange. */
export class Lessons {
  readonly #asked: Asked[] = []
  readonly #heard: Buffer[] = []
  #size = 0

  /** A responder that learns is asked. */
  add(asked: Asked): void {
    this.#asked.push(asked)
  }

  /** The latest asked has answered itself: that is no news to it. Undefined where nobody is left to be told. */
  withoutLatest(): this | undefined {
    this.#asked.pop()
    return this.#asked.length === 0 ? undefined : this
  }

  /** The answer's source, whose pieces are kept on their way. */
  overhear(source: Source): Source {
    const keep = (piece: Buffer | null): Buffer | null => {
      this.#size += piece?.length ?? 0
      if (this.#size > LONGEST) this.#heard.length = 0
      else if (piece !== null) this.#heard.push(piece)
      return piece
    }
    return {
      status: source.status,
      headers: source.headers,
      next() {
        const piece = source.next()
        return piece instanceof Promise ? piece.then(keep) : keep(piece)
      },
      cancel: reason => source.cancel(reason),
    }
  }

  /** Tells each of the steps what became of its question. Never rejects. */
  async teach(context: Context): Promise<void> {
    // What is ready leaves first: see outbox.ts.
    await afterThisTurn()
    const answered = this.#answered(context)
    for (const { step, record, question, scope } of this.#asked) {
      const given = answered !== undefined && mayLearn(context, step) ? answered : undefined
      try {
        await callStep(step, record, 'learn', [question, given, scope], step.timeout, note => noteWord(record, note), undefined)
      } catch {
        // It stands in the record, and the client has long been served.
      }
    }
  }

  /** The answer, where it is whole and says nothing but one text. */
  #answered(context: Context): Answered | undefined {
    if (context.answer !== undefined || context.ending !== 'complete' || context.status !== 200) return undefined
    if (this.#size > LONGEST || context.target === undefined) return undefined
    const way = context.target.ways.get(context.dialect.name)
    if (way === undefined || (way.translates && way.embeds)) return undefined
    const translation = way.translates ? way.client : way.spoken
    try {
      return translation && plain(translation, payloadsOf(context, Buffer.concat(this.#heard)), context)
    } catch {
      // What cannot be read was still passed on; there is only nothing to be learned from it.
      return undefined
    }
  }
}

/** Makes every responder of the routes forget what it learned under one of the tags. Resolves with the number of answers. */
export async function forgetAll(routes: readonly Pick<Route, 'chain'>[], tags: readonly string[]): Promise<number> {
  const executors = new Map(routes.flatMap(({ chain }) => chain.request).flatMap(({ executor, forgets, timeout }) => forgets ? [[executor, timeout]] : []))
  const forgotten = await Promise.all([...executors].map(([executor, timeout]) => executor.call('forget', [tags], timeout)))
  return forgotten.reduce<number>((sum, count) => sum + Number(count), 0)
}

/** The frames of a stream, or the one body of a whole answer. */
function payloadsOf({ streamed, framing, dialect, gateway }: Context, bytes: Buffer): { payload: string; event?: string }[] {
  if (!streamed) return [{ payload: bytes.toString() }]
  const stream = framing.open(gateway.config.limits.frame)
  return [...stream.push(bytes), ...stream.end()].flatMap(({ data, event }) =>
    data === undefined || data.equals(Buffer.from(dialect.streaming?.done ?? '')) ? [] : [{ payload: data.toString(), ...(event !== undefined && { event }) }])
}

/** What an answer says that can be said again in words alone. */
function plain(translation: Translation, payloads: ReturnType<typeof payloadsOf>, context: Context): Answered | undefined {
  const { choices, usage } = context.streamed ? folded(translation, payloads) : translation.readAnswer(JSON.parse(payloads[0]!.payload))
  const [choice] = choices
  if (choices.length !== 1 || choice?.finish.stop !== 'end') return undefined
  let text = ''
  for (const block of choice.blocks) {
    if (block.kind !== 'text' || block.signature !== undefined) return undefined
    text += block.text
  }
  return text !== '' && text === spelled(payloads, context) ? { text, usage } : undefined
}

function folded(translation: Translation, payloads: ReturnType<typeof payloadsOf>): CanonicalAnswer {
  const reader = translation.streamReader()
  const { answer, error, ended } = fold([...payloads.flatMap(frame => reader.read(frame)), ...reader.close()])
  if (error !== undefined || !ended) throw new Error('expected a stream that came to its end')
  return answer
}

/** Everything that the dialect's map finds in an answer: what a reader passes over, as the logprobs or a citation's title, would be lost. */
function spelled(payloads: ReturnType<typeof payloadsOf>, { streamed, dialect, gateway: { scanner, config } }: Context): string | undefined {
  let all = ''
  for (const { payload } of payloads) {
    const tape = scanner.scan(Buffer.from(payload), { depth: config.limits.depth, halves: true })
    const { spots, repeats } = read(tape, streamed ? dialect.streaming!.frame : dialect.response)
    if (repeats.length > 0) return undefined
    for (const spot of spots) if (spot.origin === 'assistant' && !spot.again) all += textOf(tape, spot)
  }
  return all
}

/** Where a step changed the answer, or may do so another time, what came from upstream is not what may be said again. */
function mayLearn({ steps, chain, facts }: Context, { position }: Step): boolean {
  const untouched = steps.every(({ direction, mode, outcome }) =>
    mode === 'shadow' || outcome === 'pass' || outcome === 'annotate' || outcome === 'skipped' || (outcome === 'edit' && direction === 'request'))
  // Those below will not see it again.
  return untouched && chain.response.every(step => step.mode === 'shadow' || step.position < position || step.when === undefined || step.when(facts))
}
