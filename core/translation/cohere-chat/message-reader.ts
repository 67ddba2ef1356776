// The conversation of a Cohere request. Called by request-reader.ts.
import { GatehouseError, type Block, type Media, type MediaBlock, type ToolResultBlock, type Turn } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { members } from '../../dialect/openai/words.ts'
import { textOf, type Raw } from './content.ts'
import { readSpoken } from './spoken.ts'

/** Reads the messages. Results of tools that follow each other are one turn of the user. */
export function readMessages(messages: readonly Raw[]): Turn[] {
  const names = new Map<string, string>()
  const turns: Turn[] = []
  let results: ToolResultBlock[] | undefined
  for (const [at, message] of messages.entries()) {
    if (message.role === 'tool') {
      if (results === undefined) turns.push({ role: 'user', blocks: results = [] })
      results.push(readResult(message, names))
      continue
    }
    results = undefined
    const turn = readMessage(message, `messages[${at}].role`)
    for (const block of turn.blocks) if (block.kind === 'tool_call') names.set(block.id, block.name)
    turns.push(turn)
  }
  return turns
}

function readMessage(message: Raw, field: string): Turn {
  switch (message.role) {
    case 'system':
    case 'user': return { role: message.role, blocks: readPieces(message.content) }
    case 'assistant': return { role: 'assistant', blocks: readSpoken(message) }
    default: throw new GatehouseError('invalid_body', `${field} must be system, user, assistant or tool.`, { param: field })
  }
}

function readPieces(content: unknown): Block[] {
  if (typeof content === 'string') return [{ kind: 'text', text: content }]
  return listOf(content).flatMap(({ type, text, image_url }): Block[] => {
    if (type === 'image_url') return [pictureOf(members(image_url))]
    return typeof text === 'string' ? [{ kind: 'text', text }] : []
  })
}

function pictureOf({ url, detail }: Raw): MediaBlock {
  const told = textOf(url)
  const [, mediaType, base64] = /^data:([\w.+-]{1,64}\/[\w.+-]{1,64});base64,(.*)$/s.exec(told) ?? []
  const inside = mediaType !== undefined && base64 !== undefined
  const media: Media = inside ? { at: 'data', base64, mediaType } : { at: 'url', url: told }
  return { kind: 'image', media, ...(typeof detail === 'string' && { detail }) }
}

/** A tool answers with a text, or with a list of texts and documents. */
function readResult({ tool_call_id, content }: Raw, names: ReadonlyMap<string, string>): ToolResultBlock {
  const id = textOf(tool_call_id)
  const texts = typeof content === 'string' ? [content] : listOf(content).map(({ text, document }) => {
    const { data } = members(document)
    return typeof text === 'string' ? text : typeof data === 'string' ? data : JSON.stringify(data ?? '')
  })
  const blocks = texts.map(text => ({ kind: 'text', text }) as const)
  return { kind: 'tool_result', id, name: names.get(id) ?? '', blocks, failed: false }
}
