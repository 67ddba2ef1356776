// Blocks of this format, written. Called by write-request.ts, answer.ts and stream-writer.ts.
import { GatehouseError } from '../../../sdk/index.ts'
import type { Block, MediaBlock, Signature, ToolResultBlock, Warning } from '../../../sdk/index.ts'
import type { Marks } from './cache.ts'
import { writeCitation } from './citation.ts'
import { claudes } from './signature.ts'
import { inputOf, legalId } from './tool-calls.ts'
import type { BlocksOf } from './turns.ts'

const NAME = 'anthropic-messages'

/** A block as it stands on the wire. */
export type Written = Readonly<Record<string, unknown>> & { readonly type: string }

/** Writes the blocks of a request, and notes what they lost. */
export class BlockWriter implements BlocksOf<Written> {
  readonly #marks: Marks
  readonly #warnings: Warning[]

  constructor(marks: Marks, warnings: Warning[]) {
    this.#marks = marks
    this.#warnings = warnings
  }

  /** One block, with its cache mark; nothing where nothing is left of it. */
  write(block: Block, field: string): Written[] {
    const written = this.#write(block, field)
    return written === undefined ? [] : [{ ...written, ...cacheControl(block, this.#marks) }]
  }

  isResult({ type }: Written): boolean {
    return type === 'tool_result'
  }

  #write(block: Block, field: string): Written | undefined {
    switch (block.kind) {
      case 'text':
      case 'refusal':
        if ('citations' in block) this.#note(`${field}.citations`, 'dropped', 'what they point at is not in this request')
        // What is blank is refused, and says nothing.
        return block.text.trim() === '' ? undefined : { type: 'text', text: block.text }
      case 'image': return this.#media(block, 'image', field)
      case 'file': return this.#media(block, 'document', field)
      case 'audio': throw untranslatable(field, 'has no audio')
      case 'reasoning': {
        const written = writeThought(block.text, block.signature, block.redacted)
        return written ?? this.#dropped(field, 'only who thought it can read it')
      }
      case 'tool_call': {
        const { input, sound } = inputOf(block.args)
        if (!sound) this.#note(`${field}.args`, 'approximated', 'they are no JSON object')
        return { type: 'tool_use', id: legalId(block.id), name: block.name, input }
      }
      case 'tool_result': return this.#result(block, field)
      case 'opaque':
        return block.dialect === NAME ? block.raw as Written : this.#dropped(field, 'this provider knows no such thing')
    }
  }

  #result({ id, blocks, failed }: ToolResultBlock, field: string): Written {
    const content = blocks.flatMap((block, i) => this.#write(block, `${field}.blocks[${i}]`) ?? [])
    return {
      type: 'tool_result', tool_use_id: legalId(id), ...(content.length > 0 && { content }), ...(failed && { is_error: true }),
    }
  }

  #media({ media, name, detail }: MediaBlock, type: 'image' | 'document', field: string): Written {
    if (detail !== undefined && detail !== 'auto') this.#note(`${field}.detail`, 'dropped', 'this provider looks as it likes')
    return { type, source: sourceOf(media, type, field), ...(type === 'document' && name !== undefined && { title: name }) }
  }

  #dropped(field: string, why: string): undefined {
    this.#note(field, 'dropped', why)
  }

  #note(field: string, action: Warning['action'], why: string): void {
    this.#warnings.push({ field, action, why })
  }
}

/** A thought that Claude can read again; undefined for any other. */
function writeThought(text: string, signature: Signature | undefined, redacted: Signature | undefined): Written | undefined {
  const data = claudes(redacted)
  if (data !== undefined) return { type: 'redacted_thinking', data }
  const value = claudes(signature)
  return value === undefined ? undefined : { type: 'thinking', thinking: text, signature: value }
}

function sourceOf(media: MediaBlock['media'], type: 'image' | 'document', field: string): object {
  switch (media.at) {
    case 'url': return { type: 'url', url: media.url }
    case 'id':
      if (media.dialect === NAME) return { type: 'file', file_id: media.id }
      throw untranslatable(field, 'cannot see what was uploaded elsewhere')
    case 'data': {
      const { base64: data, mediaType } = media
      if (type === 'image' || mediaType === 'application/pdf') return { type: 'base64', media_type: mediaType, data }
      if (mediaType.startsWith('text/') || mediaType === 'application/json') {
        return { type: 'text', media_type: 'text/plain', data: Buffer.from(data, 'base64').toString() }
      }
      throw untranslatable(field, 'takes PDF and text files only')
    }
  }
}

/** The mark of a block or tool as it is written. */
export function cacheControl(carrier: object, marks: Marks): { cache_control?: object } {
  const mark = marks.get(carrier)
  if (mark === undefined) return {}
  return { cache_control: { type: 'ephemeral', ...(mark === '1h' && { ttl: mark }) } }
}

/** A block of an answer; undefined for what clients of this format have no place for. */
export function writeAnswered(block: Block): Written | undefined {
  switch (block.kind) {
    case 'text': {
      const citations = (block.citations ?? []).flatMap(writeCitation)
      return { type: 'text', text: block.text, ...(citations.length > 0 && { citations }) }
    }
    case 'refusal': return { type: 'text', text: block.text }
    case 'reasoning': {
      if (block.redacted !== undefined) return writeThought('', undefined, block.redacted)
      // Clients expect a signature. An empty one is left out again when the turn comes back.
      return { type: 'thinking', thinking: block.text, signature: claudes(block.signature) ?? '' }
    }
    case 'tool_call': return { type: 'tool_use', id: block.id, name: block.name, input: inputOf(block.args).input }
    case 'opaque': return block.dialect === NAME ? block.raw as Written : undefined
  }
}

/** The error for what this provider cannot do and nobody may leave out. */
export function untranslatable(field: string, why: string): GatehouseError {
  return new GatehouseError('untranslatable', `The provider of this model ${why}: ${field}.`, { param: field })
}
