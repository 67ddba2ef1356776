// The turns of a request as items. Used by request-writer.ts.
import type {
  Block, CanonicalRequest, MediaBlock, OpaqueBlock, ReasoningBlock, TextBlock, ToolResultBlock, Turn,
} from '../../../sdk/index.ts'
import { untranslatable } from '../openai-chat/account.ts'
import type { Account } from '../openai-chat/account.ts'
import { callId } from '../openai-chat/identifier.ts'
import { inputPart } from './content.ts'
import { DIALECT, ownOf } from './seal.ts'

/** Writes the turns of one request. */
export class Items {
  readonly #account: Account

  constructor(account: Account) {
    this.#account = account
  }

  /** The items, in the order of the turns. `from` is the first turn that is not told elsewhere. */
  write(turns: CanonicalRequest['turns'], from: number): object[] {
    return turns.flatMap((turn, at) => at < from ? [] : this.#items(turn, `turns[${at}]`))
  }

  #items({ role, blocks, name }: Turn, place: string): object[] {
    if (name !== undefined) this.#account.warn(`${place}.name`, 'dropped', 'this format does not tell users apart')
    const items: object[] = []
    // Parts that follow one another are one message, behind the results of tools.
    let parts: object[] = []
    const message = (): void => {
      if (parts.length > 0) items.push({ type: 'message', role, content: parts })
      parts = []
    }
    for (const [at, block] of blocks.entries()) {
      const field = `${place}.blocks[${at}]`
      if ('cache' in block) this.#account.warn(`${field}.cache`, 'dropped', 'this provider caches by itself')
      if (isPart(block) && role !== 'assistant') parts.push(...this.#part(block, field))
      else {
        message()
        items.push(...this.#item(block, field))
      }
    }
    message()
    return items
  }

  /** A block that is an item by itself. */
  #item(block: Block, field: string): object[] {
    switch (block.kind) {
      case 'text':
      case 'refusal':
        if (block.kind === 'refusal') this.#account.warn(field, 'approximated', 'it stands as a text of the assistant')
        this.#unsigned(block, field)
        if ('citations' in block) this.#account.warn(`${field}.citations`, 'dropped', 'models are not told their own sources again')
        return block.text === '' ? [] : [{ type: 'message', role: 'assistant', content: block.text }]
      case 'tool_call':
        this.#unsigned(block, field)
        return [{ type: 'function_call', call_id: callId(block.id), name: block.name, arguments: block.args || '{}' }]
      case 'tool_result': return [{ type: 'function_call_output', call_id: callId(block.id), output: this.#output(block, field) }]
      case 'reasoning': return this.#thought(block, field)
      case 'opaque': return block.dialect === DIALECT ? [block.raw as object] : this.#dropped(field, block)
      default: this.#account.warn(field, 'dropped', 'models are not shown media of their own in this format')
        return []
    }
  }

  #unsigned(block: Block, field: string): void {
    if ('signature' in block) this.#account.warn(`${field}.signature`, 'dropped', 'only the provider that signed it can read it')
  }

  /** A thought that OpenAI's own model can read again, whole; any other is of no use to it. */
  #thought({ text, signature, redacted }: ReasoningBlock, field: string): object[] {
    const proof = [signature, redacted].find(one => one?.dialect === DIALECT)
    const { id, content } = proof === undefined ? { id: '', content: '' } : ownOf(proof)
    if (content === '') {
      this.#account.warn(field, 'dropped', 'only the provider that thought it can read it')
      return []
    }
    const summary = text === '' ? [] : [{ type: 'summary_text', text }]
    return [{ type: 'reasoning', ...(id !== '' && { id }), summary, encrypted_content: content }]
  }

  #output({ blocks, failed }: ToolResultBlock, field: string): unknown {
    if (failed) this.#account.warn(`${field}.failed`, 'emulated', 'the text says that the tool failed')
    const told = [...(failed ? [{ kind: 'text', text: 'Error:' } as const] : []), ...blocks]
    if (told.every(block => block.kind === 'text')) return told.map(block => block.text).join('\n')
    return told.flatMap((block, at) => this.#part(block, `${field}.blocks[${at}]`))
  }

  #part(block: TextBlock | MediaBlock | OpaqueBlock, field: string): object[] {
    if (block.kind === 'opaque') return block.dialect === DIALECT ? [block.raw as object] : this.#dropped(field, block)
    const part = inputPart(block)
    return [part ?? untranslatable(field, `"${field}" holds ${block.kind} of a kind that it does not take`)]
  }

  #dropped(field: string, { type }: OpaqueBlock): [] {
    this.#account.warn(field, 'dropped', `this format has no ${type || 'such thing'}`)
    return []
  }
}

function isPart(block: Block): block is TextBlock | MediaBlock | OpaqueBlock {
  return ['text', 'image', 'audio', 'file', 'opaque'].includes(block.kind)
}
