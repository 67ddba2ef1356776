// The items of a request as turns: what the assistant said, thought and called in a row is one turn of its own, and the
// results of tools in a row are one of the user. Used by request-reader.ts.
import type { Block, ToolCallBlock, ToolResultBlock, Turn } from '../../../sdk/index.ts'
import { textOf } from '../openai-chat/content.ts'
import { members } from '../../dialect/openai/words.ts'
import { readContent } from './content.ts'
import { argsOfInput } from './custom-tool.ts'
import { textOfItem } from './output-reader.ts'
import { DIALECT, proofIn, thoughtOf } from './seal.ts'
import { refuse, said } from './tools.ts'

type Raw = Readonly<Record<string, unknown>>

/** What stands for something that the vendor keeps, or that only it can read or do. */
const KEPT = ['item_reference', 'compaction', 'compaction_trigger', 'additional_tools', 'program', 'program_output'] as const

/** The turns of an input. */
export function readInput(input: unknown): Turn[] {
  if (typeof input === 'string' && input !== '') return [{ role: 'user', blocks: [{ kind: 'text', text: input }] }]
  if (!Array.isArray(input) || input.length === 0) refuse('input', '"input" is to be a text or a list with something in it')
  const turns = new Turns()
  for (const [at, item] of input.entries()) turns.add(members(item), `input[${at}]`)
  return turns.read
}

class Turns {
  readonly read: Turn[] = []
  /** The turn that grows: the assistant's, or the user's of results. */
  #growing: { readonly of: 'assistant' | 'results'; readonly blocks: Block[] } | undefined

  add(item: Raw, place: string): void {
    const { type } = item
    switch (type) {
      case undefined:
      case 'message': return this.#message(item, place)
      case 'reasoning': return this.#think(item)
      case 'function_call': return this.#call(item, textOf(item.arguments), place)
      case 'custom_tool_call': return this.#call(item, argsOfInput(textOf(item.input)), place)
      case 'function_call_output':
      case 'custom_tool_call_output': {
        const result: ToolResultBlock = {
          kind: 'tool_result', id: textOf(item.call_id), name: textOf(item.name),
          blocks: readContent(item.output).filter(isResult), failed: false,
        }
        return this.#grow('results', result)
      }
      default: {
        if (KEPT.some(kept => kept === type)) refuse(place, `"${place}" is a thing that only this provider keeps or reads`)
        return this.#grow('assistant', { kind: 'opaque', dialect: DIALECT, type: textOf(type), raw: item })
      }
    }
  }

  #message({ role, content }: Raw, place: string): void {
    const blocks = readContent(content)
    if (role === 'assistant') return blocks.forEach(block => this.#grow('assistant', block))
    if (role !== 'system' && role !== 'developer' && role !== 'user') {
      refuse(`${place}.role`, `"${place}.role" is to be system, developer, user or assistant`)
    }
    this.#growing = undefined
    this.read.push({ role, blocks })
  }

  /** A thought, or the proof of a call that was made before it. */
  #think(item: Raw): void {
    const proof = proofIn(item)
    const text = textOfItem(item)
    if (typeof proof?.of !== 'object') return this.#grow('assistant', thoughtOf(text, proof))
    const { of: { call }, signature } = proof
    const blocks = this.#growing?.blocks ?? []
    const at = blocks.findLastIndex(block => block.kind === 'tool_call' && block.id === call)
    if (at !== -1) blocks[at] = { ...blocks[at] as ToolCallBlock, signature }
  }

  #call({ call_id, name, namespace }: Raw, args: string, place: string): void {
    if (said(namespace)) refuse(`${place}.namespace`, 'tools in namespaces stay in this one')
    this.#grow('assistant', { kind: 'tool_call', id: textOf(call_id), name: textOf(name), args })
  }

  #grow(of: 'assistant' | 'results', block: Block): void {
    if (this.#growing?.of !== of) {
      this.#growing = { of, blocks: [] }
      this.read.push({ role: of === 'assistant' ? 'assistant' : 'user', blocks: this.#growing.blocks })
    }
    this.#growing.blocks.push(block)
  }
}

function isResult(block: Block): block is ToolResultBlock['blocks'][number] {
  return ['text', 'image', 'audio', 'file', 'opaque'].includes(block.kind)
}
