// The turns of a request as messages of the family. Used by the writers of its requests.
import type { Block, CanonicalRequest, ToolResultBlock, Turn } from '../../../sdk/index.ts'
import { untranslatable } from './account.ts'
import type { Account } from './account.ts'
import { messageFields } from './message.ts'
import type { Manner } from './manner.ts'

type Message = Readonly<Record<string, unknown>>

const SIGNED = 'only the provider that signed it can read it'
const SOURCES = 'models are not told their own sources again'

/** Writes the turns of one request. */
export class Turns {
  readonly #manner: Manner
  readonly #account: Account

  constructor(manner: Manner, account: Account) {
    this.#manner = manner
    this.#account = account
  }

  /** The messages, in the order of the turns. */
  write(turns: CanonicalRequest['turns']): Message[] {
    const messages = turns.flatMap((turn, at) => this.#messages(turn, `turns[${at}]`))
    return this.#manner.replies ? this.#answered(messages) : messages
  }

  #messages(turn: Turn, place: string): Message[] {
    const { role, name } = turn
    const blocks = turn.blocks.flatMap((block, at) => this.#own(block, `${place}.blocks[${at}]`))
    const named = name !== undefined && this.#manner.names ? { name } : {}
    if (name !== undefined && !this.#manner.names) {
      this.#account.warn(`${place}.name`, 'dropped', 'this format does not tell users apart')
    }
    switch (role) {
      // `developer` is known to OpenAI alone, which takes `system` for the same.
      case 'system':
      case 'developer': return [{ role: 'system', content: this.#content(blocks, place), ...named }]
      case 'assistant': return [{ role, ...this.#assistant(blocks), ...named }]
      case 'user': {
        const results = blocks.filter(block => block.kind === 'tool_result')
        const shown = results.flatMap(result => this.#shown(result, place))
        const rest = [...shown, ...blocks.filter(block => block.kind !== 'tool_result')]
        const tools = results.map(result => this.#result(result, place))
        return rest.length === 0 && tools.length > 0 ? tools : [...tools, { role, content: this.#content(rest, place), ...named }]
      }
    }
  }

  /** A block without what other formats put on it, or nothing where only they can read it. */
  #own(block: Block, place: string): Block[] {
    if (!this.#carries(block, place)) return []
    switch (block.kind) {
      case 'tool_result': {
        const blocks = block.blocks.filter((inner, at) => this.#carries(inner, `${place}.blocks[${at}]`))
        return [{ ...block, blocks }]
      }
      case 'text': {
        const { signature, citations, ...said } = block
        if (signature !== undefined) this.#account.warn(`${place}.signature`, 'dropped', SIGNED)
        if (citations !== undefined) this.#account.warn(`${place}.citations`, 'dropped', SOURCES)
        return [said]
      }
      case 'tool_call': {
        const { signature, ...unsigned } = block
        if (signature !== undefined) this.#account.warn(`${place}.signature`, 'dropped', SIGNED)
        return [unsigned]
      }
      default: return [block]
    }
  }

  /** Whether this format has a place for a block. */
  #carries(block: Block, place: string): boolean {
    if ('cache' in block) this.#account.warn(`${place}.cache`, 'dropped', 'this provider caches by itself')
    if (block.kind === 'opaque' && block.dialect !== this.#manner.dialect) {
      this.#account.warn(place, 'dropped', `this format has no ${block.type || 'such thing'}`)
      return false
    }
    // No vendor takes proofs back in this format, and a thought that was signed elsewhere is refused by some.
    if (block.kind === 'reasoning' && (block.signature !== undefined || block.redacted !== undefined)) {
      this.#account.warn(place, 'dropped', SIGNED)
      return false
    }
    return true
  }

  #assistant(blocks: readonly Block[]): Message {
    const fields = messageFields(blocks, this.#manner)
    const { refusal, content, images, ...rest } = fields
    if (images !== undefined) this.#account.warn('turns', 'dropped', 'models are not shown pictures of their own in this format')
    // What has neither text nor calls is refused by some as null.
    const empty = content === null && refusal === null && rest.tool_calls === undefined
    return { content: empty ? '' : content, ...(typeof refusal === 'string' && { refusal }), ...rest }
  }

  /** A text where everything is text, which every vendor takes; parts where it is not. */
  #content(blocks: readonly Block[], place: string): unknown {
    if (blocks.every(block => block.kind === 'text')) return blocks.map(block => block.text).join('\n')
    return blocks.map(block => this.#part(block, place))
  }

  #part(block: Block, place: string): unknown {
    switch (block.kind) {
      case 'text':
      case 'refusal':
      case 'reasoning': return { type: 'text', text: block.text }
      case 'opaque': return block.raw
      case 'image':
      case 'audio':
      case 'file': {
        const part = this.#manner.partOf(block)
        return part ?? untranslatable(place, `"${place}" holds a block (${block.kind}) that it does not take`)
      }
      default: return untranslatable(place, `"${place}" holds a block (${block.kind}) where none may stand`)
    }
  }

  #result(result: ToolResultBlock, place: string): Message {
    const { id, name, blocks, failed } = result
    if (failed) this.#account.warn(`${place}.failed`, 'emulated', 'the text says that the tool failed')
    const prefix = failed ? [{ kind: 'text', text: 'Error:' } as const] : []
    const told = this.#manner.results === 'parts' ? blocks : blocks.filter(block => block.kind === 'text')
    return {
      role: 'tool', tool_call_id: this.#manner.callId(id),
      ...(this.#manner.names || name === '' ? {} : { name }),
      content: this.#content([...prefix, ...told], place),
    }
  }

  /** Pictures that a tool brought, for formats whose results are text: the user shows them, right behind the results. */
  #shown({ id, blocks }: ToolResultBlock, place: string): Block[] {
    const media = this.#manner.results === 'parts' ? [] : blocks.filter(block => block.kind !== 'text')
    if (media.length === 0) return []
    this.#account.warn(place, 'emulated', 'what a tool brought beside text stands in a message of the user')
    return [{ kind: 'text', text: `Result of the tool call ${this.#manner.callId(id)}:` }, ...media]
  }

  /** The messages with a word of the assistant wherever a user speaks right after a tool. */
  #answered(messages: readonly Message[]): Message[] {
    return messages.flatMap((message, at) => {
      if (message.role !== 'user' || messages[at - 1]?.role !== 'tool') return [message]
      this.#account.warn('turns', 'emulated', 'the assistant says a word between a tool and the user')
      return [{ role: 'assistant', content: 'Understood.' }, message]
    })
  }
}
