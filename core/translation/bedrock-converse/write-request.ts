// A request to Bedrock, written. What goes beyond the common fields is Claude's own, and told to Claude only. Called by
// ../bedrock-converse.ts.
import type { CanonicalRequest, Format, ModelFacts, Warning, Written as WrittenRequest } from '../../../sdk/index.ts'
import { cacheMarks, type Marks } from '../anthropic-messages/cache.ts'
import { thinkingFor, type ToldThinking } from '../anthropic-messages/thinking.ts'
import { writeTurns } from '../anthropic-messages/turns.ts'
import { untranslatable } from '../anthropic-messages/write-blocks.ts'
import { formatSchema, offered, restOf, schemaOf } from '../anthropic-messages/write-request.ts'
import { SEQUENCE_PATHS } from './stop.ts'
import { BlockWriter, cachePoint } from './write-blocks.ts'

const NAME = 'bedrock-converse'
const MAX_OUTPUT = 8192

/** Writes it. The model stands in the path. */
export function writeRequest(request: CanonicalRequest, facts: ModelFacts): WrittenRequest {
  const warnings: Warning[] = []
  if ((request.choices ?? 1) > 1) throw untranslatable('choices', 'gives one answer at a time')
  const claude = isClaude(request.model)
  const marks = cacheMarks(request, warnings)
  const tools = toolsOf(request, marks, warnings)
  const writer = new BlockWriter(marks, warnings, tools === undefined)
  const { system, messages } = writeTurns(request, writer, warnings)
  if (tools === undefined && hasToolBlocks(request)) {
    warnings.push({ field: 'tools', action: 'emulated', why: 'calls and results are told as text where no tool may be called' })
  }
  if (request.format?.type === 'json') {
    warnings.push({ field: 'format', action: 'emulated', why: 'asked for in words: this provider takes JSON by a schema only' })
    system.push({ text: 'Answer with one JSON value and nothing else.' })
  }
  const told = thoughtOf(request, facts, claude, warnings)
  const { additionalModelRequestFields: kept, ...rest } = restOf(request, NAME, warnings)
  const additional = { ...Object(kept), ...additionalOf(request, told, claude, warnings) }
  const output = outputOf(request.format, told, warnings)
  const body = {
    ...rest,
    ...(system.length > 0 && { system }),
    messages,
    inferenceConfig: inferenceOf(request, facts, told, claude, warnings),
    ...(tools !== undefined && { toolConfig: tools }),
    ...(Object.keys(output).length > 0 && { outputConfig: output }),
    ...(Object.keys(additional).length > 0 && { additionalModelRequestFields: additional }),
    ...(claude && request.stop !== undefined && { additionalModelResponseFieldPaths: SEQUENCE_PATHS }),
  }
  if (request.logprobs !== undefined) {
    warnings.push({ field: 'logprobs', action: 'dropped', why: 'this provider does not tell' })
  }
  for (const field of ['seed', 'frequencyPenalty', 'presencePenalty', 'user'] as const) {
    const value = request[field]
    if (value !== undefined && value !== 0) warnings.push({ field, action: 'dropped', why: 'this provider has no such setting' })
  }
  return { body: JSON.stringify(body), warnings }
}

/** The common settings. A model that thinks takes no way of sampling. */
function inferenceOf(
  request: CanonicalRequest, facts: ModelFacts, { thinking }: ToldThinking, claude: boolean, warnings: Warning[],
): object {
  const { maxOutput, temperature, topP, stop } = request
  const thinks = thinking !== undefined
  const why = 'a model that thinks takes none'
  if (thinks && temperature !== undefined && temperature !== 1) warnings.push({ field: 'temperature', action: 'dropped', why })
  if (thinks && topP !== undefined) warnings.push({ field: 'topP', action: 'dropped', why })
  if (!thinks && (temperature ?? 0) > 1) warnings.push({ field: 'temperature', action: 'approximated', why: '1 is the highest' })
  if (maxOutput !== undefined && facts.maxOutput !== undefined && maxOutput > facts.maxOutput) {
    warnings.push({ field: 'maxOutput', action: 'approximated', why: 'the model cannot write more' })
  }
  return {
    // Claude writes no more than 4,096 tokens where nobody says how many.
    maxTokens: maxOutput === undefined && !claude ? undefined : limitOf(maxOutput, facts),
    temperature: thinks || temperature === undefined ? undefined : Math.min(temperature, 1),
    topP: thinks ? undefined : topP,
    stopSequences: stop,
  }
}

/** True for Claude, by the ids of models and inference profiles. */
function isClaude(model: string): boolean {
  return model.includes('anthropic.')
}

function limitOf(asked: number | undefined, { maxOutput: most }: ModelFacts): number {
  return asked === undefined ? most ?? MAX_OUTPUT : Math.min(asked, most ?? asked)
}

function hasToolBlocks({ turns }: CanonicalRequest): boolean {
  return turns.some(({ blocks }) => blocks.some(({ kind }) => kind === 'tool_call' || kind === 'tool_result'))
}

/** The tools and which of them to call; undefined where none may be, since there is no word for that and no empty list. */
function toolsOf(request: CanonicalRequest, marks: Marks, warnings: Warning[]): object | undefined {
  const { toolChoice } = request
  if (toolChoice?.mode === 'none') return undefined
  const tools = offered(request, warnings).flatMap(tool => {
    const { name, description, strict } = tool
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
      throw untranslatable(`tools[${request.tools.indexOf(tool)}].name`, 'takes names of at most 64 letters, digits, _ and -')
    }
    const json = schemaOf(tool, request, warnings)
    const described = description === undefined || description.trim() === '' ? {} : { description }
    const toolSpec = { name, ...described, inputSchema: { json }, ...(strict === true && { strict }) }
    return [{ toolSpec }, ...cachePoint(tool, marks)]
  })
  if (tools.length === 0) return undefined
  if (toolChoice === undefined) return { tools }
  if (toolChoice.mode === 'auto') return { tools, toolChoice: { auto: {} } }
  const name = toolChoice.names?.length === 1 ? toolChoice.names[0] : undefined
  return { tools, toolChoice: name === undefined ? { any: {} } : { tool: { name } } }
}

function thoughtOf(request: CanonicalRequest, facts: ModelFacts, claude: boolean, warnings: Warning[]): ToldThinking {
  // Other models have ways of their own to be told, or the one word that all share.
  const known: ModelFacts = claude || facts.thinking === 'effort' ? facts : { thinking: 'none' }
  return thinkingFor(request, known, limitOf(request.maxOutput, facts), warnings)
}

/** What Claude takes beside the common fields. */
function additionalOf(request: CanonicalRequest, { thinking }: ToldThinking, claude: boolean, warnings: Warning[]): object {
  const { topK, parallelTools, toolChoice, tools } = request
  const single = parallelTools === false && tools.length > 0 && toolChoice?.mode !== 'none'
  const ranks = topK !== undefined && claude && thinking === undefined
  if (topK !== undefined && !ranks) warnings.push({ field: 'topK', action: 'dropped', why: 'this model takes none' })
  if (single && !claude) warnings.push({ field: 'parallelTools', action: 'dropped', why: 'this model has no such switch' })
  const name = toolChoice?.names?.length === 1 ? toolChoice.names[0] : undefined
  const forced = name === undefined ? { type: 'any' } : { type: 'tool', name }
  const choice = toolChoice?.mode === 'required' ? forced : { type: 'auto' }
  return {
    ...(thinking !== undefined && { thinking }),
    ...(ranks && { top_k: topK }),
    ...(claude && single && { tool_choice: { ...choice, disable_parallel_tool_use: true } }),
  }
}

/** How the answer should look; the schema is JSON inside a string here. */
function outputOf(format: Format | undefined, { effort }: ToldThinking, warnings: Warning[]): object {
  const worded = effort === undefined ? {} : { effort }
  if (format?.type !== 'schema') return worded
  const { name } = format
  const jsonSchema = { schema: JSON.stringify(formatSchema(format, warnings)), ...(name !== undefined && { name }) }
  return { ...worded, textFormat: { type: 'json_schema', structure: { jsonSchema } } }
}
