// The fields of an OpenAI request that the gateway itself reads: checked, and added where they are missing. Used by the
// openai-*.ts dialects.
import { GatehouseError } from '../../../sdk/index.ts'
import type { ByteEdit, Tape } from '../../../sdk/index.ts'

/** Throws `invalid_body` unless the body is an object. */
export function checkBody(request: Tape): void {
  if (request.kind(0) === 'object') return
  throw new GatehouseError('invalid_body', `Expected the body to be a JSON object; got ${nameOf(request, 0)}.`)
}

/** Throws `invalid_body` unless the body names a model. */
export function checkModel(request: Tape): void {
  const model = request.find(0, 'model')
  if (!request.text(model)) refuseField(request, model, 'model', 'a non-empty string')
}

/** Throws `invalid_body` unless the field is a string or a list. */
export function checkInput(request: Tape, param: string): void {
  const input = request.find(0, param)
  const kind = input === -1 ? 'literal' : request.kind(input)
  if (kind !== 'string' && kind !== 'array') refuseField(request, input, param, 'a string or an array')
}

/** Throws `invalid_body` unless the field of an object is a list of objects, and not an empty one. */
export function checkObjects(request: Tape, holder: number, param: string): void {
  const list = request.find(holder, param)
  if (list === -1 || request.kind(list) !== 'array' || request.first(list) === -1) refuseField(request, list, param, 'a non-empty array of objects')
  let index = 0
  for (let element = request.first(list); element !== -1; element = request.next(element)) {
    if (request.kind(element) !== 'object') refuseField(request, element, `${param}[${index}]`, 'an object')
    index++
  }
}

/** Throws `invalid_body` where `stream` or `n` is given and does not say how the answer should come. */
export function checkAnswerShape(request: Tape): void {
  const stream = request.find(0, 'stream')
  if (stream !== -1 && request.kind(stream) !== 'literal') refuseField(request, stream, 'stream', 'a boolean or null')
  const n = request.find(0, 'n')
  if (n === -1 || source(request, n) === 'null') return
  const choices = request.kind(n) === 'number' ? Number(source(request, n)) : 0
  if (!Number.isInteger(choices) || choices < 1 || choices > 128) refuseField(request, n, 'n', 'an integer from 1 to 128')
}

/** Throws `invalid_body` for a field that is not what it has to be. */
export function refuseField(request: Tape, node: number, param: string, expected: string): never {
  throw new GatehouseError('invalid_body', `Expected "${param}" to be ${expected}; got ${nameOf(request, node)}.`, { param })
}

/** Names a value without telling it: only what is too short to be a secret is shown. */
function nameOf(request: Tape, node: number): string {
  if (node === -1) return 'nothing'
  switch (request.kind(node)) {
    case 'object': return 'an object'
    case 'array': return request.first(node) === -1 ? 'an empty array' : 'an array'
    case 'string': return request.text(node) === '' ? 'an empty string' : 'a string'
    default: return request.end(node) - request.start(node) <= 6 ? source(request, node) : 'a long number'
  }
}

/** The bytes that set `stream_options.include_usage`; undefined where it is set, or stands where nothing can be set. */
export function askForUsage(request: Tape): ByteEdit | undefined {
  const options = request.find(0, 'stream_options')
  if (options === -1) return lastMember(request, 0, '"stream_options":{"include_usage":true}')
  if (request.kind(options) !== 'object') return insteadOfNothing(request, options, '{"include_usage":true}')
  const asked = request.find(options, 'include_usage')
  if (asked === -1) return lastMember(request, options, '"include_usage":true')
  return insteadOfNothing(request, asked, 'true')
}

/** The bytes that put one more member or element before the closing bracket of an object or array. */
export function lastMember(request: Tape, parent: number, json: string): ByteEdit {
  const at = request.end(parent) - 1
  return { start: at, end: at, text: request.first(parent) === -1 ? json : `,${json}` }
}

/** Takes the place of `null` or `false`; whatever else stands there is the client's word, for the upstream to judge. */
function insteadOfNothing(request: Tape, node: number, json: string): ByteEdit | undefined {
  const given = source(request, node)
  return given === 'null' || given === 'false' ? { start: request.start(node), end: request.end(node), text: json } : undefined
}

/** The JSON of a value as it came. */
function source(request: Tape, node: number): string {
  return request.bytes.toString('latin1', request.start(node), request.end(node))
}
