// Requests in Gemini's format: where their text stands, what the gateway itself reads of them, and how words are added. Used
// by ../gemini.ts.
import { GatehouseError, anywhere, each, text, word } from '../../../sdk/index.ts'
import type { Asked, ByteEdit, Place, Schemas, Tape } from '../../../sdk/index.ts'
import { checkBody, checkObjects, lastMember } from '../openai/requests.ts'
import { fromUser, opaque } from '../openai/words.ts'
import { isTrue, member, partOf, proto } from './parts.ts'

const schema = anywhere({ channel: 'schema', origin: 'tool_def' })
const toolName = text('tool_name', 'tool_def')
const said = (origin?: 'system'): Place => proto({ role: word, parts: { ...each({ ...partOf(origin), opens: 'call' }) } })

/** What a request holds. */
export const request = proto({
  model: word,
  contents: each({ ...said(), opens: 'message' }),
  systemInstruction: said('system'),
  tools: each(proto({
    functionDeclarations: each(proto({
      name: toolName, description: text('text', 'tool_def'), behavior: word, parameters: schema, parametersJsonSchema: schema,
      response: schema, responseJsonSchema: schema,
    })),
    fileSearch: proto({ fileSearchStoreNames: each(word), metadataFilter: fromUser }),
    computerUse: opaque, googleSearch: opaque, googleSearchRetrieval: opaque, googleMaps: opaque, codeExecution: opaque, urlContext: opaque,
    enterpriseWebSearch: opaque, retrieval: opaque,
  })),
  toolConfig: proto({
    functionCallingConfig: proto({ mode: word, allowedFunctionNames: each(toolName) }),
    retrievalConfig: opaque,
  }),
  generationConfig: proto({
    stopSequences: each(fromUser),
    responseMimeType: word, responseSchema: schema, responseJsonSchema: schema, _responseJsonSchema: schema, responseModalities: each(word),
    thinkingConfig: opaque, speechConfig: opaque, imageConfig: opaque, mediaResolution: word, modelSelectionConfig: opaque, routingConfig: opaque,
  }),
  safetySettings: opaque,
  cachedContent: word,
  labels: anywhere({ channel: 'text', origin: 'user' }),
  serviceTier: word,
  modelArmorConfig: opaque,
})

/** A path as clients call it: the model, what to do, and in what form. */
const CALL = /^\/models\/([^/:?]+):([a-zA-Z]+)(?:\?(.*))?$/

/** All of it stands in the path. A stream is one JSON array where the query does not ask for events. */
export function asked(_body: Tape, path: string): Asked {
  const [, model = '', verb, query] = CALL.exec(path) ?? []
  const stream = verb === 'streamGenerateContent'
  return { model: decodeURIComponent(model), stream, ...(stream && query !== 'alt=sse' && { array: true }) }
}

/** Throws `invalid_body` where the request lacks what the gateway itself needs to read. */
export function check(body: Tape): void {
  checkBody(body)
  checkObjects(body, 0, 'contents')
  const calling = member(body, member(body, 0, 'toolConfig'), 'functionCallingConfig')
  if (!isTrue(body, member(body, calling, 'streamFunctionCallArguments'))) return
  const param = 'toolConfig.functionCallingConfig.streamFunctionCallArguments'
  throw new GatehouseError('invalid_body', `Expected "${param}" to be false: calls leave this gateway whole.`, { param })
}

/** The schemas of declared functions, and of an answer in a format. */
export function schemasOf(body: Tape): Schemas {
  const tools = new Map<string, number>()
  for (const tool of elementsOf(body, body.find(0, 'tools'))) {
    for (const declared of elementsOf(body, member(body, tool, 'functionDeclarations'))) {
      const name = body.text(body.find(declared, 'name'))
      const parameters = eitherOf(body, declared, 'parametersJsonSchema', 'parameters')
      if (name !== undefined && parameters !== -1) tools.set(name, parameters)
    }
  }
  return { tools, text: eitherOf(body, member(body, 0, 'generationConfig'), 'responseJsonSchema', 'responseSchema') }
}

/** True where the answer's text is JSON. */
export function asksForJson(body: Tape): boolean {
  return body.text(member(body, member(body, 0, 'generationConfig'), 'responseMimeType')) === 'application/json'
}

function eitherOf(body: Tape, node: number, one: string, other: string): number {
  const found = member(body, node, one)
  return found === -1 ? member(body, node, other) : found
}

/** The elements of what may be a list. */
export function* elementsOf(body: Tape, list: number): Generator<number> {
  if (list === -1 || body.kind(list) !== 'array') return
  for (let element = body.first(list); element !== -1; element = body.next(element)) yield element
}

/** The bytes that add a turn to the contents of an object. */
export function insert(body: Tape, { role, text: words }: { role: string; text: string }, at: 'start' | 'end', node = 0): ByteEdit {
  const contents = body.find(node, 'contents')
  const json = JSON.stringify({ role: role === 'assistant' ? 'model' : 'user', parts: [{ text: words }] })
  if (at === 'end') return lastMember(body, contents, json)
  const start = body.start(contents) + 1
  return { start, end: start, text: `${json},` }
}

/** The bytes that put words before and behind those of the system, as parts; what is there keeps its own bytes. */
export function instruct(body: Tape, before: readonly string[], behind: readonly string[]): readonly ByteEdit[] {
  const parts = (texts: readonly string[]): string[] => texts.map(one => JSON.stringify({ text: one }))
  const all = `{"parts":[${parts([...before, ...behind]).join(',')}]}`
  const system = member(body, 0, 'systemInstruction')
  if (system === -1) return [lastMember(body, 0, `"systemInstruction":${all}`)]
  const there = body.kind(system) === 'object' ? body.find(system, 'parts') : -1
  if (there === -1 || body.kind(there) !== 'array' || body.first(there) === -1) {
    return [{ start: body.start(system), end: body.end(system), text: all }]
  }
  const [start, end] = [body.start(there) + 1, body.end(there) - 1]
  return [
    { start, end: start, text: parts(before).map(part => `${part},`).join('') },
    { start: end, end, text: parts(behind).map(part => `,${part}`).join('') },
  ]
}
