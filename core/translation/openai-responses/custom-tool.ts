// Tools whose input is free text. Other formats have functions only, so such a tool becomes a function of one string, and
// its calls become those of a custom tool again on their way back. Used by the readers of requests and the writers of answers.
import type { CanonicalRequest } from '../../../sdk/index.ts'
import { members } from '../../dialect/openai/words.ts'
import { textOf } from '../openai-chat/content.ts'

type Raw = Readonly<Record<string, unknown>>

/** The schema of such a function's arguments. As JSON it says no more than any other schema. */
export class CustomInput {
  readonly type = 'object'
  readonly properties: Raw
  readonly required = ['input']
  readonly additionalProperties = false
  readonly #tool: Raw

  constructor(tool: Raw) {
    this.#tool = tool
    const { syntax, definition } = members(tool.format)
    const grammar = textOf(definition)
    const description = grammar === '' ? {} : { description: `Text of this ${textOf(syntax)} grammar:\n${grammar}` }
    this.properties = { input: { type: 'string', ...description } }
  }

  /** The tool as the client declared it. */
  get tool(): Raw {
    return this.#tool
  }
}

/** The arguments of the function that a free text is the input of. */
export function argsOfInput(input: string): string {
  return JSON.stringify({ input })
}

/** The free text in such arguments; all of them where a model wrote something else. */
export function inputOfArgs(args: string): string {
  try {
    const { input } = members(JSON.parse(args))
    return typeof input === 'string' ? input : args
  } catch {
    return args
  }
}

/** True for a tool that the client declared as one of free text. */
export function isCustom({ tools }: CanonicalRequest, name: string): boolean {
  return tools.some(tool => tool.name === name && tool.schema instanceof CustomInput)
}
