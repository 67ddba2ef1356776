// The maps of a whole answer and of the frames of a stream, and how a frame's texts are called in the whole answer. Used
// by ../openai-responses.ts.
import { each, fields, wholeText, word } from '../../../sdk/index.ts'
import type { Channel, Place, Tape } from '../../../sdk/index.ts'
import { opaque } from '../openai/words.ts'
import { AGAIN, BEGUN, ONCE, annotation, item, logprobs, part, thoughtPart, type Standing } from './items.ts'
import { settings } from './request.ts'

/** A sentence that may quote what was said. */
const sentence = wholeText('text', 'assistant')
const error: Place = { ...sentence, ...fields({ message: sentence, type: word, param: word, code: word }), mark: 'error' }

/** A response; `status` says whether it is over where nothing else does. */
function responseOf(standing: Standing, status: Place, more: Omit<Place, 'fields'>): Place {
  const moderated = fields({ type: word, model: word, results: opaque, code: word, message: sentence })
  return fields({
    ...settings(standing),
    // Some vendors give the instructions back as items.
    instructions: { ...standing.text('text', 'system'), ...each(item(standing)) },
    id: word,
    object: word,
    model: word,
    status,
    error,
    incomplete_details: fields({ reason: word }),
    output: each({ ...item(standing, 'assistant'), opens: 'call' }),
    output_text: standing.text('text', 'assistant'),
    usage: { mark: 'usage' },
    billing: opaque,
    content_filters: opaque,
    moderation: fields({ input: moderated, output: moderated }),
  }, more)
}

/** The map of a whole answer. */
export const response: Place = responseOf(ONCE, { leaf: 'finish' }, { opens: 'answer' })

const sequence: Place = { mark: 'sequence' }
const head = { type: word, sequence_number: sequence, item_id: word, obfuscation: word } as const

/** A frame with the whole response, as it stands. */
function responding(type: Place): Place {
  return fields({ ...head, type, response: responseOf(AGAIN, word, { opens: 'answer', at: () => '' }) })
}

const started = responding(word)
const over = responding({ leaf: 'finish' })

/** The index of a frame, as it stands on top of it. */
function indexIn(frame: Tape, name: string): string {
  const node = frame.find(0, name)
  const written = node === -1 ? '' : frame.bytes.toString('latin1', frame.start(node), frame.end(node))
  return /^\d{1,6}$/.test(written) ? written : '0'
}

/** The JSON pointer of an item, or of what is in it, by the frame's own indexes. */
function pointer(...path: readonly string[]): (frame: Tape) => string {
  return frame => [
    '', 'output', indexIn(frame, 'output_index'), ...path.map(step => step.endsWith('_index') ? indexIn(frame, step) : step)
  ].join('/')
}

const inItem = pointer()
const inContent = pointer('content', 'content_index')
const inSummary = pointer('summary', 'summary_index')
const inAnnotations = pointer('content', 'content_index', 'annotations', 'annotation_index')

/** A frame about one item. */
function about(
  at: (frame: Tape) => string, members: Readonly<Record<string, Place>>, names: Readonly<Record<string, string>> = {}
): Place {
  return fields({ ...head, ...members }, { opens: 'call', counts: 'output_index', at, names })
}

/** A piece of a text, and the frame that says it again, under the text's name in the whole answer. */
function pieces(
  type: string, at: (frame: Tape) => string, channel: Channel, name: string, more: Readonly<Record<string, Place>> = {}
): Readonly<Record<string, Place>> {
  const called = channel === 'tool_args' ? { name: AGAIN.text('tool_name', 'assistant') } : {}
  return {
    [`response.${type}.delta`]: about(at, { delta: ONCE.text(channel, 'assistant'), ...more }, { delta: name }),
    [`response.${type}.done`]: about(at, { [name]: AGAIN.text(channel, 'assistant'), ...called, ...more }),
  }
}

/** A part that begins or is done; of a message, or of a thought. */
function partFrame(standing: Standing): Place {
  const known = {
    ...part(standing, 'assistant'), byType: { reasoning_text: { ...thoughtPart(standing), at: inContent } }, at: inContent,
  }
  return about(inItem, { part: known })
}

function summaryFrame(standing: Standing): Place {
  return about(inItem, { part: { ...thoughtPart(standing), at: inSummary }, status: word })
}

/** Items whose texts come in frames of their own. */
const GROWING: ReadonlySet<string> = new Set([
  'message', 'reasoning', 'function_call', 'custom_tool_call', 'mcp_call', 'code_interpreter_call', 'apply_patch_call',
  'shell_call',
])

/** An item that begins or is done; the word that says so ends it. */
function itemFrame(standingOf: (type: string) => Standing, type: Place): Place {
  const types = Object.keys(item(ONCE).byType!)
  const placed = types.map(name => [name, { ...item(standingOf(name), 'assistant').byType![name], at: inItem }] as const)
  return about(inItem, { type, item: { ...item(AGAIN, 'assistant'), byType: Object.fromEntries(placed), at: inItem } })
}

/** A step of a tool that the vendor runs, which says nothing. */
const step = about(inItem, { partial_image_b64: word, size: word, quality: word, background: word, output_format: word })
const steps = (tool: string, ...names: readonly string[]): Readonly<Record<string, Place>> =>
  Object.fromEntries(names.map(name => [`response.${tool}.${name}`, step]))

const stdout = { stdout: ONCE.text('text', 'tool_result'), stderr: ONCE.text('text', 'tool_result') }

/** The map of a frame. */
export const frame: Place = fields(head, {
  byType: {
    'response.created': started,
    'response.queued': started,
    'response.in_progress': started,
    'response.completed': over,
    'response.incomplete': over,
    'response.cancelled': over,
    'response.failed': over,
    error: fields({
      ...head, code: word, message: sentence, param: word,
      error: fields({ message: sentence, type: word, param: word, code: word }),
    }, { mark: 'error' }),
    'response.output_item.added': itemFrame(type => GROWING.has(type) ? BEGUN : AGAIN, word),
    'response.output_item.done': itemFrame(() => AGAIN, { leaf: 'stop' }),
    'response.content_part.added': partFrame(ONCE),
    'response.content_part.done': partFrame(AGAIN),
    'response.reasoning_summary_part.added': summaryFrame(ONCE),
    'response.reasoning_summary_part.done': summaryFrame(AGAIN),
    'response.output_text.annotation.added': about(inItem, { annotation: {
      ...annotation(AGAIN, 'assistant'), at: inAnnotations,
    } }),
    ...pieces('output_text', inContent, 'text', 'text', { logprobs }),
    ...pieces('refusal', inContent, 'refusal', 'refusal'),
    ...pieces('reasoning_summary_text', inSummary, 'reasoning', 'text'),
    ...pieces('reasoning_text', inContent, 'reasoning', 'text'),
    ...pieces('function_call_arguments', inItem, 'tool_args', 'arguments'),
    ...pieces('custom_tool_call_input', inItem, 'tool_args', 'input'),
    ...pieces('mcp_call_arguments', inItem, 'tool_args', 'arguments'),
    ...pieces('code_interpreter_call_code', inItem, 'tool_args', 'code'),
    ...pieces('apply_patch_call_operation_diff', pointer('operation'), 'tool_args', 'diff'),
    ...pieces('shell_call_command', pointer('action', 'commands'), 'tool_args', 'command'),
    'response.shell_call_command.added': about(pointer('action', 'commands'), { command: ONCE.text('tool_args', 'assistant') }),
    'response.shell_call_output_content.delta': about(
      pointer('output', 'command_index'), { delta: fields(stdout, { at: pointer('output', 'command_index') }) }
    ),
    'response.shell_call_output_content.done': about(inItem, {
      output: each(fields({
        stdout: AGAIN.text('text', 'tool_result'), stderr: AGAIN.text('text', 'tool_result'), outcome: opaque, created_by: word,
      })),
    }),
    ...steps('web_search_call', 'in_progress', 'searching', 'completed'),
    ...steps('file_search_call', 'in_progress', 'searching', 'completed'),
    ...steps('code_interpreter_call', 'in_progress', 'interpreting', 'completed'),
    ...steps('image_generation_call', 'in_progress', 'generating', 'partial_image', 'completed'),
    ...steps('mcp_call', 'in_progress', 'completed', 'failed'),
    ...steps('mcp_list_tools', 'in_progress', 'completed', 'failed'),
  },
})
