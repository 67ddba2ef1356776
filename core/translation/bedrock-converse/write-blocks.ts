// Blocks of this format, written. Called by write-request.ts, answer.ts and stream-writer.ts.
import type { Block, Citation, ToolCallBlock, ToolResultBlock, Warning } from '../../../sdk/index.ts'
import type { Marks } from '../anthropic-messages/cache.ts'
import { claudes } from '../anthropic-messages/signature.ts'
import { inputOf, legalId } from '../anthropic-messages/tool-calls.ts'
import type { BlocksOf } from '../anthropic-messages/turns.ts'
import { writeMedia } from './media.ts'

const NAME = 'bedrock-converse'

/** A block as it stands on the wire. */
export type Written = Readonly<Record<string, unknown>>

/** Writes the blocks of a request, and notes what they lost. */
export class BlockWriter implements BlocksOf<Written> {
  readonly #marks: Marks
  readonly #warnings: Warning[]
  /** True where calls and their results are told as text: no tools are declared, and then no others are taken. */
  readonly #toolsAsText: boolean
  readonly #names = new Set<string>()

  constructor(marks: Marks, warnings: Warning[], toolsAsText: boolean) {
    this.#marks = marks
    this.#warnings = warnings
    this.#toolsAsText = toolsAsText
  }

  /** One block, and the cache point after it; nothing where nothing is left of it. */
  write(block: Block, field: string): Written[] {
    const written = this.#write(block, field)
    return written.length === 0 ? [] : [...written, ...cachePoint(block, this.#marks)]
  }

  isResult({ toolResult }: Written): boolean {
    return toolResult !== undefined
  }

  #write(block: Block, field: string): Written[] {
    switch (block.kind) {
      case 'text':
      case 'refusal':
        if ('citations' in block) this.#note(`${field}.citations`, 'dropped', 'what they point at is not in this request')
        // What is blank is refused, and says nothing.
        return block.text.trim() === '' ? [] : [{ text: block.text }]
      case 'image':
      case 'audio':
      case 'file':
        if ((block.detail ?? 'auto') !== 'auto') this.#note(`${field}.detail`, 'dropped', 'this provider looks as it likes')
        return [writeMedia(block, field, this.#names)]
      case 'reasoning': {
        if (block.redacted !== undefined || block.signature !== undefined) {
          const thought = writeThought(block)
          if (thought !== undefined) return [thought]
        }
        return this.#dropped(field, 'only who thought it can read it')
      }
      case 'tool_call': return this.#call(block, field)
      case 'tool_result': return this.#result(block, field)
      case 'opaque':
        return block.dialect === NAME ? [block.raw as Written] : this.#dropped(field, 'this provider knows no such thing')
    }
  }

  #call({ id, name, args }: ToolCallBlock, field: string): Written[] {
    if (this.#toolsAsText) return [{ text: `[Called the tool ${name} with ${args === '' ? '{}' : args}]` }]
    const { input, sound } = inputOf(args)
    if (!sound) this.#note(`${field}.args`, 'approximated', 'they are no JSON object')
    return [{ toolUse: { toolUseId: legalId(id), name, input } }]
  }

  #result({ id, blocks, failed }: ToolResultBlock, field: string): Written[] {
    const written = blocks.flatMap((block, i) => this.#write(block, `${field}.blocks[${i}]`))
    // A result needs content, and no blank one.
    const content = written.length > 0 ? written : [{ text: '(no output)' }]
    if (this.#toolsAsText) return [{ text: failed ? '[The tool failed]' : '[The tool answered]' }, ...content]
    return [{ toolResult: { toolUseId: legalId(id), content, ...(failed && { status: 'error' }) } }]
  }

  #dropped(field: string, why: string): Written[] {
    this.#note(field, 'dropped', why)
    return []
  }

  #note(field: string, action: Warning['action'], why: string): void {
    this.#warnings.push({ field, action, why })
  }
}

/** A thought: what is hidden or signed by another than Claude is left out, the text of an answer is not. */
function writeThought({ text, signature, redacted }: Block & { kind: 'reasoning' }): Written | undefined {
  if (redacted !== undefined) {
    const redactedContent = claudes(redacted)
    return redactedContent === undefined ? undefined : { reasoningContent: { redactedContent } }
  }
  const value = claudes(signature)
  if (signature !== undefined && value === undefined) return undefined
  return { reasoningContent: { reasoningText: { text, ...(value !== undefined && { signature: value }) } } }
}

/** The cache point that follows a block or tool, if one does. Five minutes are what it means without a word. */
export function cachePoint(carrier: object, marks: Marks): Written[] {
  const mark = marks.get(carrier)
  return mark === undefined ? [] : [{ cachePoint: { type: 'default', ...(mark === '1h' && { ttl: mark }) } }]
}

/** A source, of all of a text. */
export function writeCitation({ url, title, quoted }: Citation): Written {
  return {
    title,
    ...(quoted !== undefined && { sourceContent: [{ text: quoted }] }),
    ...(url !== undefined && { location: { web: { url } } }),
  }
}

/** A block of an answer; undefined for what clients of this format have no place for. */
export function writeAnswered(block: Block): Written | undefined {
  switch (block.kind) {
    case 'text': {
      const { text, citations } = block
      if (citations === undefined) return { text }
      return { citationsContent: { content: [{ text }], citations: citations.map(writeCitation) } }
    }
    case 'refusal': return { text: block.text }
    case 'reasoning': {
      const { signature, ...unsigned } = block
      return writeThought(claudes(signature) === undefined ? unsigned : block)
    }
    case 'tool_call': return { toolUse: { toolUseId: block.id, name: block.name, input: inputOf(block.args).input } }
    case 'opaque': return block.dialect === NAME ? block.raw as Written : undefined
  }
}
