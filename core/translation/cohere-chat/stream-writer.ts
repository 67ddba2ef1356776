// A stream in Cohere's words. Calls stand behind everything that is said, as they do in a whole answer. Called by
// translated.ts.
import type { AnswerSettings, CanonicalEvent, Citation, Finish, StreamWriter, Usage, WireFrame } from '../../../sdk/index.ts'
import { writeCitation } from './citation.ts'
import { writeCall, writeSaid, type Raw } from './content.ts'
import { finishWord } from './finish.ts'
import { writeUsage } from './usage.ts'

/** A block that is written as it grows, under its number among the contents. */
interface Content {
  readonly kind: 'text' | 'refusal' | 'reasoning'
  readonly index: number
  text: string
  stopped: boolean
  readonly citations: Citation[]
}

interface Call {
  readonly id: string
  readonly name: string
  args: string
}

/** Writes one stream, of its first choice. */
export function streamWriter(settings: AnswerSettings): StreamWriter {
  const contents = new Map<number, Content>()
  const calls = new Map<number, Call>()
  let cited = 0
  let finish: Finish = { stop: 'error', raw: '' }
  let usage: Usage | undefined

  const begin = (event: Extract<CanonicalEvent, { event: 'block' }>): WireFrame[] => {
    switch (event.kind) {
      case 'tool_call':
        calls.set(event.block, { id: event.id, name: event.name, args: '' })
        return []
      case 'whole': return []
      default: {
        const content: Content = { kind: event.kind, index: contents.size, text: '', stopped: false, citations: [] }
        contents.set(event.block, content)
        return [message('content-start', content.index, { content: writeSaid(content.kind, '') })]
      }
    }
  }
  const grow = (block: number, text: string): WireFrame[] => {
    const call = calls.get(block)
    if (call !== undefined) call.args += text
    const content = contents.get(block)
    if (content === undefined) return []
    content.text += text
    return [message('content-delta', content.index, { content: content.kind === 'reasoning' ? { thinking: text } : { text } })]
  }

  /** A citation quotes its text, which is known when it has stopped. */
  const cite = ({ text, index, citations }: Content): WireFrame[] => (
    citations.splice(0).flatMap(citation => citationFrames(writeCitation(citation, text, index), cited++)))

  return {
    write(event) {
      if ('choice' in event && event.choice !== 0) return []
      switch (event.event) {
        case 'start': return [frame('message-start', {
          id: event.id === '' ? settings.id : event.id,
          delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } },
        })]
        case 'block': return begin(event)
        case 'delta': return grow(event.block, event.text)
        case 'citation': {
          const content = contents.get(event.block)
          content?.citations.push(event.citation)
          return content?.stopped === true ? cite(content) : []
        }
        case 'signature': return []
        case 'stop': {
          const content = contents.get(event.block)
          if (content === undefined) return []
          content.stopped = true
          return [...cite(content), frame('content-end', { index: content.index })]
        }
        case 'finish':
          finish = event.finish
          return [...calls.values()].flatMap(callFrames)
        case 'usage':
          usage = event.usage
          return []
        case 'error': return [frame('message-end', { delta: { error: event.error.message, finish_reason: 'ERROR' } })]
        case 'end': return [frame('message-end', {
          delta: { finish_reason: finishWord(finish), ...(usage !== undefined && { usage: writeUsage(usage) }) },
        })]
      }
    },
  }
}

function callFrames(call: Call, index: number): WireFrame[] {
  return [
    message('tool-call-start', index, { tool_calls: { ...writeCall(call), function: { name: call.name, arguments: '' } } }),
    message('tool-call-delta', index, { tool_calls: { function: { arguments: call.args === '' ? '{}' : call.args } } }),
    frame('tool-call-end', { index }),
  ]
}

function citationFrames(raw: unknown, index: number): WireFrame[] {
  return [message('citation-start', index, { citations: raw }), frame('citation-end', { index })]
}

const message = (type: string, index: number, said: Raw): WireFrame => frame(type, { index, delta: { message: said } })
const frame = (type: string, fields: Raw): WireFrame => ({ event: type, payload: JSON.stringify({ type, ...fields }) })
