// The law of streams in the canonical form: what a stream's events add up to, and the events that a whole answer would
// have come in. Used by translated.ts, and by the tests of every format.
import type {
  Block, CanonicalAnswer, CanonicalEvent, Citation, Finish, ProviderError, Signature, TokenLogprob, Usage,
} from '../sdk/index.ts'

/** What is known of a block so far. */
interface Growing {
  readonly begun: CanonicalEvent & { readonly event: 'block' }
  text: string
  signature: Signature | undefined
  readonly citations: Citation[]
  readonly logprobs: TokenLogprob[]
}

/** What a stream adds up to: an answer, and the error that it ended with, if it did. */
export interface Folded {
  readonly answer: CanonicalAnswer
  readonly error: ProviderError | undefined
  /** True after `end` or `error`. */
  readonly ended: boolean
}

/** Adds a stream up. Throws an Error where events come that no stream may have: a piece of no block, a second end. */
export function fold(events: Iterable<CanonicalEvent>): Folded {
  let head: Extract<CanonicalEvent, { event: 'start' }> | undefined
  let usage: Usage | undefined
  let error: ProviderError | undefined
  let ended = false
  const choices = new Map<number, Map<number, Growing>>()
  const finishes = new Map<number, Finish>()
  const open = new Set<Growing>()
  const growing = (choice: number, block: number): Growing => {
    const found = choices.get(choice)?.get(block)
    if (found === undefined || !open.has(found)) throw new Error(`block ${block} of choice ${choice} is not open`)
    return found
  }
  for (const event of events) {
    if (ended) throw new Error(`${event.event} after the end`)
    if (head === undefined && event.event !== 'start' && event.event !== 'error') throw new Error(`${event.event} before the start`)
    switch (event.event) {
      case 'start':
        if (head !== undefined) throw new Error('a second start')
        head = event
        break
      case 'block': {
        const blocks = choices.get(event.choice) ?? new Map<number, Growing>()
        if (event.block !== blocks.size) throw new Error(`block ${event.block} of choice ${event.choice} where ${blocks.size} is next`)
        const begun: Growing = { begun: event, text: '', signature: undefined, citations: [], logprobs: [] }
        choices.set(event.choice, blocks.set(event.block, begun))
        open.add(begun)
        break
      }
      case 'delta': {
        const grown = growing(event.choice, event.block)
        grown.text += event.text
        for (const token of event.logprobs ?? []) grown.logprobs.push(token)
        break
      }
      case 'citation': {
        const cited = choices.get(event.choice)?.get(event.block)
        if (cited?.begun.kind !== 'text' || finishes.has(event.choice)) {
          throw new Error(`a citation of no text of choice ${event.choice}`)
        }
        cited.citations.push(event.citation)
        break
      }
      case 'signature': growing(event.choice, event.block).signature = event.signature
        break
      case 'stop': open.delete(growing(event.choice, event.block))
        break
      case 'finish':
        if (finishes.has(event.choice)) throw new Error(`a second finish of choice ${event.choice}`)
        finishes.set(event.choice, event.finish)
        break
      case 'usage': usage = event.usage
        break
      case 'error': error = event.error
        ended = true
        break
      case 'end': ended = true
    }
  }
  if (ended && error === undefined && open.size > 0) throw new Error('an end with blocks open')
  const indexes = [...new Set([...choices.keys(), ...finishes.keys()])].toSorted((a, b) => a - b)
  const answer: CanonicalAnswer = {
    id: head?.id ?? '',
    model: head?.model ?? '',
    ...(head?.created !== undefined && { created: head.created }),
    choices: indexes.map(index => ({
      index,
      blocks: [...choices.get(index)?.values() ?? []].map(blockOf),
      finish: finishes.get(index) ?? { stop: 'error', raw: '' },
    })),
    ...(usage !== undefined && { usage }),
  }
  return { answer, error, ended }
}

function blockOf({ begun, text, signature, citations, logprobs }: Growing): Block {
  const signed = signature === undefined ? {} : { signature }
  switch (begun.kind) {
    case 'text':
      return { kind: 'text', text, ...(citations.length > 0 && { citations }), ...(logprobs.length > 0 && { logprobs }), ...signed }
    case 'reasoning': return { kind: 'reasoning', text, ...signed }
    case 'refusal': return { kind: 'refusal', text }
    case 'tool_call': return { kind: 'tool_call', id: begun.id, name: begun.name, args: text, ...signed }
    case 'whole': return begun.whole
  }
}

/** The events in which a whole answer would have come. */
export function unfold(answer: CanonicalAnswer): CanonicalEvent[] {
  const { id, model, created, choices, usage } = answer
  const events: CanonicalEvent[] = [{ event: 'start', id, model, ...(created !== undefined && { created }) }]
  for (const { index: choice, blocks, finish } of choices) {
    for (const [block, one] of blocks.entries()) events.push(...unfoldBlock(choice, block, one))
    events.push({ event: 'finish', choice, finish })
  }
  if (usage !== undefined) events.push({ event: 'usage', usage })
  events.push({ event: 'end' })
  return events
}

function unfoldBlock(choice: number, block: number, one: Block): CanonicalEvent[] {
  const at = { choice, block }
  const grown = (text: string, signature?: Signature): CanonicalEvent[] => [
    ...(text === '' ? [] : [{ event: 'delta', ...at, text } as const]),
    ...(signature === undefined ? [] : [{ event: 'signature', ...at, signature } as const]),
    { event: 'stop', ...at },
  ]
  switch (one.kind) {
    case 'text': {
      const { text, citations = [], logprobs } = one
      const told = { event: 'delta', ...at, text, ...(logprobs && { logprobs }) } as const
      const said = text === '' && logprobs === undefined ? [] : [told]
      const cited = citations.map(citation => ({ event: 'citation', ...at, citation }) as const)
      return [{ event: 'block', ...at, kind: 'text' }, ...said, ...cited, ...grown('', one.signature)]
    }
    case 'refusal': return [{ event: 'block', ...at, kind: 'refusal' }, ...grown(one.text)]
    case 'tool_call': return [{ event: 'block', ...at, kind: 'tool_call', id: one.id, name: one.name }, ...grown(one.args, one.signature)]
    case 'reasoning':
      if (one.redacted === undefined) return [{ event: 'block', ...at, kind: 'reasoning' }, ...grown(one.text, one.signature)]
  }
  return [{ event: 'block', ...at, kind: 'whole', whole: one }, ...grown('')]
}
