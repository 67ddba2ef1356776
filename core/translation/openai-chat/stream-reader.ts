// Streams of the family on their way in. Used by openai-chat.ts and mistral-chat.ts.
import type { CanonicalEvent, StreamReader, WireFrame } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { count } from '../../dialect/openai/words.ts'
import { seedOf, usageIn } from './answer.ts'
import { listedLinks } from './citation.ts'
import { textOf } from './content.ts'
import { readError } from './error.ts'
import { objectIn } from './payload.ts'
import { StreamChoice } from './stream-choice.ts'

type Raw = Readonly<Record<string, unknown>>

/**
 * Reads one stream. It is complete with `[DONE]`; since some vendors leave that out, also where the connection ends after
 * every choice has said why it ended.
 */
export class ChatStreamReader implements StreamReader {
  readonly #dialect: string
  readonly #choices = new Map<number, StreamChoice>()
  #seed: string | undefined
  #ended = false

  constructor(dialect: string) {
    this.#dialect = dialect
  }

  read(frame: WireFrame): CanonicalEvent[] {
    const payload = frame.payload.trim()
    if (this.#ended || payload === '') return []
    if (payload === '[DONE]') return this.#end()
    const chunk = objectIn(payload)
    if (frame.event === 'error' || isError(chunk)) {
      this.#ended = true
      return [{ event: 'error', error: readError(0, chunk) }]
    }
    const choices = listOf(chunk.choices)
    const usage = usageIn(chunk)
    // Azure's first frame has neither an id nor a choice.
    if (choices.length === 0 && usage === undefined) return []
    return [
      ...this.#start(chunk),
      ...choices.flatMap(choice => this.#choice(count(choice.index) ?? 0).read(choice, listedLinks(chunk))),
      ...(usage === undefined ? [] : [{ event: 'usage', usage } as const]),
    ]
  }

  close(): CanonicalEvent[] {
    const choices = [...this.#choices.values()]
    return this.#ended || choices.length === 0 || choices.some(choice => !choice.ended) ? [] : this.#end()
  }

  #start({ id, model, created }: Raw): CanonicalEvent[] {
    if (this.#seed !== undefined) return []
    const seconds = count(created)
    this.#seed = seedOf(id, created)
    return [{ event: 'start', id: textOf(id), model: textOf(model), ...(seconds !== undefined && { created: seconds }) }]
  }

  #choice(index: number): StreamChoice {
    const choice = this.#choices.get(index) ?? new StreamChoice(this.#dialect, this.#seed ?? '', index)
    this.#choices.set(index, choice)
    return choice
  }

  #end(): CanonicalEvent[] {
    this.#ended = true
    const endings = [...this.#choices.values()].map(choice => choice.end())
    const failed = endings.length === 0 || endings.some(({ finish }) => finish.stop === 'error')
    const message = 'The provider ended the stream without an answer.'
    return [
      ...endings.flatMap(({ events }) => events),
      failed ? { event: 'error', error: { failure: 'upstream', message } } : { event: 'end' },
    ]
  }
}

/** Errors come under `error`, or as the frame itself (Mistral, vLLM). */
function isError({ error, object }: Raw): boolean {
  return object === 'error' || (typeof error === 'object' && error !== null) || textOf(error) !== ''
}
