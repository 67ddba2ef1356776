// Requests in Anthropic's format: where their text stands, what the gateway itself reads of them, and how words are added.
// Used by the anthropic-*.ts dialects.
import { anywhere, each, fields, text, word } from '../../../sdk/index.ts'
import type { ByteEdit, Schemas, Tape } from '../../../sdk/index.ts'
import { checkBody, checkModel, checkObjects, lastMember, refuseField } from '../openai/requests.ts'
import { fromUser, fromUserMany, opaque } from '../openai/words.ts'
import { blockOf, cacheMark, tool, toolName } from './blocks.ts'

const schema = anywhere({ channel: 'schema', origin: 'tool_def' })
const format = fields({ type: word, schema })
const outputConfig = fields({ effort: word, format, task_budget: opaque })
const thinking = fields({ type: word, display: word, block_binding: opaque })

/** What a request holds. */
export const request = fields({
  model: word,
  system: { ...text('text', 'system'), ...each(blockOf('system')) },
  messages: each(fields({
    role: word, content: { ...text(), ...each(blockOf()) }, clear_at: word, output_config: outputConfig,
  }, { opens: 'message' })),
  tools: each(tool),
  tool_choice: fields({ type: word, name: toolName }),
  stop_sequences: fromUserMany,
  metadata: anywhere({ channel: 'text', origin: 'user' }),
  user_profile_id: fromUser,
  thinking,
  output_config: outputConfig,
  output_format: format,
  cache_control: cacheMark,
  service_tier: word,
  speed: word,
  inference_geo: word,
  container: { ...word, ...fields({ id: word, skills: each(fields({ type: word, skill_id: word, version: word })) }) },
  mcp_servers: each(fields({
    type: word, name: word, url: word, authorization_token: word, tool_configuration: fields({ allowed_tools: each(toolName) }),
  })),
  context_management: fields({
    edits: each(fields({
      type: word, instructions: text('text', 'system'), exclude_tools: each(toolName), clear_tool_inputs: each(toolName),
      keep: { ...word, ...fields({ type: word }) }, trigger: fields({ type: word }), clear_at_least: fields({ type: word }),
    })),
  }),
  fallbacks: { ...word, ...each(fields({ model: word, speed: word, thinking, output_config: outputConfig })) },
  betas: each(word),
  diagnostics: opaque,
  thread: opaque,
  workspace_id: word,
  billing_policy: opaque,
})

/** Throws `invalid_body` where the request lacks what the gateway itself needs to read. */
export function check(body: Tape): void {
  checkBody(body)
  checkModel(body)
  const stream = body.find(0, 'stream')
  if (stream !== -1 && body.kind(stream) !== 'literal') refuseField(body, stream, 'stream', 'a boolean or null')
  checkObjects(body, 0, 'messages')
}

/** The schemas of the client's own tools, and of an answer in a format. */
export function schemasOf(body: Tape): Schemas {
  const declared = new Map<string, number>()
  const tools = body.find(0, 'tools')
  const list = tools !== -1 && body.kind(tools) === 'array' ? body.first(tools) : -1
  for (let one = list; one !== -1; one = body.next(one)) {
    const name = body.text(body.find(one, 'name'))
    const input = body.find(one, 'input_schema')
    if (name !== undefined && input !== -1) declared.set(name, input)
  }
  const asked = formatOf(body)
  return { tools: declared, text: asked === -1 ? -1 : body.find(asked, 'schema') }
}

/** True where the answer's text is JSON. */
export function asksForJson(body: Tape): boolean {
  const asked = formatOf(body)
  return asked !== -1 && body.text(body.find(asked, 'type')) === 'json_schema'
}

/** Where it stands now, and where it stood before. */
function formatOf(body: Tape): number {
  const config = body.find(0, 'output_config')
  const now = config === -1 ? -1 : body.find(config, 'format')
  return now === -1 ? body.find(0, 'output_format') : now
}

/** The bytes that add a message. */
export function insert(body: Tape, message: { role: string; text: string }, at: 'start' | 'end'): ByteEdit {
  const messages = body.find(0, 'messages')
  const json = JSON.stringify({ role: message.role, content: message.text })
  if (at === 'end') return lastMember(body, messages, json)
  const start = body.start(messages) + 1
  return { start, end: start, text: `${json},` }
}

/** The bytes that put words before and behind those of the system, as blocks; what is there keeps its own bytes. */
export function instruct(body: Tape, before: readonly string[], behind: readonly string[]): readonly ByteEdit[] {
  const blocks = (texts: readonly string[]): string[] => texts.map(one => JSON.stringify({ type: 'text', text: one }))
  const all = `[${blocks([...before, ...behind]).join(',')}]`
  const system = body.find(0, 'system')
  if (system === -1) return [lastMember(body, 0, `"system":${all}`)]
  const [start, end, kind] = [body.start(system), body.end(system), body.kind(system)]
  const left = blocks(before).map(block => `${block},`).join('')
  const right = blocks(behind).map(block => `,${block}`).join('')
  if (kind === 'array' && body.first(system) !== -1) {
    return [{ start: start + 1, end: start + 1, text: left }, { start: end - 1, end: end - 1, text: right }]
  }
  if (kind === 'string' && body.text(system) !== '') {
    return [{ start, end: start, text: `[${left}{"type":"text","text":` }, { start: end, end, text: `}${right}]` }]
  }
  // Nothing is said there, or nothing that anybody understands.
  return [{ start, end, text: all }]
}
