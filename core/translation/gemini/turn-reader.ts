// The conversation of a Gemini request. Called by request-reader.ts.
import { GatehouseError, type Block, type ToolResultBlock, type Turn } from '../../../sdk/index.ts'
import { callId } from './call-id.ts'
import { mediaOf, opaqueOf, signatureOf } from './part.ts'
import { fieldsOf, isObject, listOf, textOf, type Fields } from './proto.ts'

interface Call {
  readonly id: string
  readonly name: string
}

/** Reads the system instruction and the messages. A message without a role is the user's. */
export function readTurns(system: Fields, contents: readonly Fields[]): Turn[] {
  const calls = new Calls()
  const turns = contents.map(({ role, parts }, at): Turn => {
    const blocks = listOf(parts).flatMap(part => readPart(part, calls))
    if (role === 'model') return { role: 'assistant', blocks }
    if (role !== undefined && role !== 'user' && role !== 'function') {
      const field = `contents[${at}].role`
      throw new GatehouseError('invalid_body', `${field} must be "user" or "model".`, { param: field })
    }
    const results = blocks.filter(block => block.kind === 'tool_result')
    return { role: 'user', blocks: [...results, ...blocks.filter(block => block.kind !== 'tool_result')] }
  })
  const told = listOf(system.parts).flatMap(part => readPart(part, calls))
  return told.length === 0 ? turns : [{ role: 'system', blocks: told }, ...turns]
}

function readPart(part: Fields, calls: Calls): Block[] {
  if (part.functionCall !== undefined) {
    const call = fieldsOf(part.functionCall)
    const { id, name } = calls.begin(call)
    return [{ kind: 'tool_call', id, name, args: isObject(call.args) ? JSON.stringify(call.args) : '', ...signatureOf(part) }]
  }
  if (part.functionResponse !== undefined) return [readResult(fieldsOf(part.functionResponse), calls)]
  const media = mediaOf(part)
  if (media !== undefined) return [media]
  if (typeof part.text === 'string' || part.thoughtSignature !== undefined) {
    return [{ kind: part.thought === true ? 'reasoning' : 'text', text: textOf(part.text), ...signatureOf(part) }]
  }
  const opaque = opaqueOf(part)
  return opaque === undefined ? [] : [opaque]
}

/** `output` and `error` are the words that Google suggests for a response, and `result` one that many use. */
function readResult(result: Fields, calls: Calls): ToolResultBlock {
  const { response } = result
  const told = isObject(response) ? response : {}
  const [only, ...more] = Object.keys(told)
  const plain = more.length === 0 && only !== undefined && ['output', 'result', 'error'].includes(only) ? told[only] : told
  const text = typeof plain === 'string' ? plain : JSON.stringify(plain)
  const media = listOf(result.parts).flatMap(part => mediaOf(part) ?? [])
  return {
    kind: 'tool_result',
    ...calls.answer(result),
    blocks: [{ kind: 'text', text }, ...media],
    failed: only === 'error' && more.length === 0,
  }
}

/** Gives ids to calls without one, and the same to their results: by name, and in their order where names repeat. */
class Calls {
  #count = 0
  readonly #waiting: Call[] = []

  begin(call: Fields): Call {
    const index = this.#count++
    const name = textOf(call.name)
    const begun = { id: textOf(call.id) || callId(index, name), name }
    this.#waiting.push(begun)
    return begun
  }

  answer(result: Fields): Call {
    const id = textOf(result.id)
    const name = textOf(result.name)
    const at = this.#waiting.findIndex(call => id === '' ? call.name === name : call.id === id)
    const [call] = at === -1 ? [] : this.#waiting.splice(at, 1)
    return { id: id || (call?.id ?? callId(this.#count, name)), name: name || (call?.name ?? '') }
  }
}
