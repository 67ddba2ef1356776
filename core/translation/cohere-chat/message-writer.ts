// The conversation of a request in Cohere's words. Called by request-writer.ts.
import { GatehouseError, type Block, type MediaBlock, type ToolResultBlock, type Turn, type Warning } from '../../../sdk/index.ts'
import { DIALECT, writeCall, writeSaid, type Raw } from './content.ts'

/** Writes the messages. Throws `untranslatable` for files and sounds: Cohere reads texts and pictures. */
export function writeMessages(turns: readonly Turn[], warnings: Warning[]): readonly Raw[] {
  const writer = new MessageWriter(warnings)
  for (const [at, turn] of turns.entries()) writer.add(turn, `turns[${at}]`)
  return writer.end()
}

class MessageWriter {
  readonly #warnings: Warning[]
  readonly #messages: Raw[] = []
  /** Pictures of results, which follow behind all results in a message of the user. */
  #late: Raw[] = []

  constructor(warnings: Warning[]) {
    this.#warnings = warnings
  }

  add({ role, blocks, name }: Turn, field: string): void {
    if (name !== undefined) this.#warn(`${field}.name`, 'dropped', 'Cohere does not tell users apart')
    for (const [at, block] of blocks.entries()) {
      if ('citations' in block) {
        this.#warn(`${field}.blocks[${at}].citations`, 'dropped', 'models are not told their own sources again')
      }
      if ('cache' in block) this.#warn(`${field}.blocks[${at}].cache`, 'dropped', 'Cohere caches without marks')
      if (block.kind === 'tool_result') this.#answer(block, `${field}.blocks[${at}]`)
    }
    if (role === 'assistant') this.#push({ role, ...this.#spoken(blocks, field) })
    else this.#push({ role: role === 'user' ? role : 'system', ...contentOf(this.#pieces(blocks, field)) })
  }

  end(): readonly Raw[] {
    this.#flush()
    return this.#messages
  }

  /** What is said in front of calls is the plan to make them. */
  #spoken(blocks: readonly Block[], field: string): Raw {
    const calls = blocks.filter(block => block.kind === 'tool_call')
    const plan = calls.length === 0 ? '' : blocks.map(block => block.kind === 'text' ? block.text : '').join('')
    return {
      ...contentOf(this.#pieces(blocks, field, calls.length === 0)),
      ...(plan !== '' && { tool_plan: plan }),
      ...(calls.length > 0 && { tool_calls: calls.map(call => writeCall(call)) }),
    }
  }

  #pieces(blocks: readonly Block[], field: string, texts = true): readonly Raw[] {
    return blocks.flatMap((block, at) => block.kind === 'text' && !texts ? [] : this.#piece(block, `${field}.blocks[${at}]`))
  }

  /** One piece of content, or none. */
  #piece(block: Block, field: string): Raw[] {
    switch (block.kind) {
      case 'text':
      case 'refusal': return block.text === '' ? [] : [writeSaid(block.kind, block.text)]
      case 'reasoning': {
        const maker = (block.signature ?? block.redacted)?.dialect
        if (maker === undefined || maker === DIALECT) return block.text === '' ? [] : [writeSaid('reasoning', block.text)]
        this.#warn(field, 'dropped', 'only the model that thought so can read it')
        return []
      }
      case 'tool_call':
      case 'tool_result': return []
      case 'opaque':
        this.#warn(field, 'dropped', 'another format alone has it')
        return []
      default: return [pictureOf(block, field)]
    }
  }

  #answer({ id, blocks, failed }: ToolResultBlock, field: string): void {
    const text = blocks.flatMap(block => block.kind === 'text' ? [block.text] : []).join('\n')
    const pictures = this.#pieces(blocks, field, false)
    if (failed) this.#warn(`${field}.failed`, 'approximated', 'the result begins with "Error:"')
    if (pictures.length > 0) {
      this.#warn(field, 'emulated', 'its pictures follow in a message of the user')
      this.#late.push(...pictures)
    }
    this.#messages.push({ role: 'tool', tool_call_id: id, content: failed ? `Error: ${text}` : text })
  }

  /** A message of nothing but its role is refused. */
  #push(message: Raw): void {
    if (Object.keys(message).length === 1) return
    this.#flush()
    this.#messages.push(message)
  }

  #flush(): void {
    if (this.#late.length > 0) this.#messages.push({ role: 'user', content: this.#late })
    this.#late = []
  }

  #warn(field: string, action: Warning['action'], why: string): void {
    this.#warnings.push({ field, action, why })
  }
}

/** A lone text as a string, which is how most write it. */
function contentOf(pieces: readonly Raw[]): Raw {
  const [first, ...more] = pieces
  if (first === undefined) return {}
  return { content: more.length === 0 && first.type === 'text' ? first.text : pieces }
}

function pictureOf({ kind, media, detail }: MediaBlock, field: string): Raw {
  if (kind !== 'image' || media.at === 'id') {
    throw new GatehouseError('untranslatable', `${field} is nothing that Cohere can read: texts and pictures.`, { param: field })
  }
  const url = media.at === 'url' ? media.url : `data:${media.mediaType};base64,${media.base64}`
  return { type: 'image_url', image_url: { url, detail } }
}
