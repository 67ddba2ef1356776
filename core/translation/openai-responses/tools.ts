// Tools, which of them to call, and the form of the answer: flat here, read and written. Used by the request reader and
// writer, and by response.ts, which says them again.
import { GatehouseError } from '../../../sdk/index.ts'
import type { CanonicalRequest, Format, Tool, ToolChoice } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { members } from '../../dialect/openai/words.ts'
import { textOf } from '../openai-chat/content.ts'
import { CustomInput } from './custom-tool.ts'

type Raw = Readonly<Record<string, unknown>>

/** Throws `invalid_body` for what no other format could do. */
export function refuse(param: string, problem: string): never {
  throw new GatehouseError('invalid_body', `Expected a request that can be told in another format; ${problem}.`, { param })
}

/** True for what was given. */
export const said = (value: unknown): boolean => value !== undefined && value !== null

/** A tool of the client's own. What the vendor runs itself, and what groups or finds tools, cannot be told to another. */
export function readTool(tool: Raw, at: number): Tool {
  const { type, name, description, parameters, strict } = tool
  const place = `tools[${at}]`
  if (type !== 'function' && type !== 'custom') refuse(
    place, `"${place}" is neither a function nor a custom tool, and others know nothing else`
  )
  if (textOf(name) === '') refuse(place, `"${place}" is to have a name`)
  const custom = type === 'custom'
  return {
    name: textOf(name),
    ...(typeof description === 'string' && { description }),
    ...(custom ? { schema: new CustomInput(tool) } : said(parameters) && { schema: parameters }),
    ...(!custom && typeof strict === 'boolean' && { strict }),
  }
}

/** The tools as they are declared here. Where `strict` is left out, OpenAI takes it for true, which no other vendor does. */
export function writeTools(tools: readonly Tool[]): object[] {
  return tools.map(({ name, description, schema, strict }) => schema instanceof CustomInput ? schema.tool : {
    type: 'function', name, ...(description !== undefined && { description }),
    parameters: schema ?? { type: 'object', properties: {} }, strict: strict ?? false,
  })
}

const MODES: readonly unknown[] = ['auto', 'none', 'required'] satisfies ToolChoice['mode'][]
const isMode = (value: unknown): value is ToolChoice['mode'] => MODES.includes(value)

/** Which tools to call; undefined where nothing was said. */
export function readToolChoice(choice: unknown): ToolChoice | undefined {
  if (!said(choice)) return undefined
  if (isMode(choice)) return { mode: choice }
  const { type, mode, name, tools } = members(choice)
  if (type === 'allowed_tools') {
    return {
      mode: mode === 'required' ? 'required' : 'auto',
      names: listOf(tools).map((tool, at) => nameOf(tool, `tool_choice.tools[${at}]`)),
    }
  }
  return { mode: 'required', names: [nameOf({ type, name }, 'tool_choice')] }
}

function nameOf({ type, name }: Raw, place: string): string {
  if ((type === 'function' || type === 'custom') && textOf(name) !== '') return textOf(name)
  return refuse(place, `"${place}" is to be a function or a custom tool with a name`)
}

/** Which tools to call, as it is said here. */
export function writeToolChoice({ toolChoice, tools }: CanonicalRequest): unknown {
  const { mode, names } = toolChoice ?? {}
  if (names === undefined || mode === 'none') return mode
  const chosen = names.map(name => ({
    type: tools.some(tool => tool.name === name && tool.schema instanceof CustomInput) ? 'custom' : 'function', name,
  }))
  return mode === 'required' && chosen.length === 1 ? chosen[0] : { type: 'allowed_tools', mode, tools: chosen }
}

/** The form of the answer; undefined where nothing was said. */
export function readFormat({ type, name, description, schema, strict }: Raw): Format | undefined {
  if (type === 'text') return { type: 'text' }
  if (type === 'json_object') return { type: 'json' }
  if (type !== 'json_schema') return undefined
  return {
    type: 'schema', schema,
    ...(typeof name === 'string' && { name }), ...(typeof description === 'string' && { description }),
    ...(typeof strict === 'boolean' && { strict }),
  }
}

/** The form of the answer, as it is said here. */
export function writeFormat({ type, name, description, schema, strict }: Format): object {
  switch (type) {
    case 'text': return { type: 'text' }
    case 'json': return { type: 'json_object' }
    case 'schema': return {
      type: 'json_schema', name: name ?? 'answer', schema: schema ?? {}, strict: strict ?? false,
      ...(description !== undefined && { description }),
    }
  }
}
