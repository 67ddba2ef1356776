// Google's embeddings: one content, or a batch of them, and a vector for each. Loaded by core/registry.ts.
import { GatehouseError, each, text, word } from '../../sdk/index.ts'
import type { Dialect, Place, Tape } from '../../sdk/index.ts'
import { errorBody, errorPlace, usage } from './gemini/answers.ts'
import { isObject, member, partOf, proto, renamed } from './gemini/parts.ts'
import { asked, elementsOf } from './gemini/requests.ts'
import { checkBody, refuseField } from './openai/requests.ts'
import { opaque } from './openai/words.ts'

const single: Readonly<Record<string, Place>> = {
  model: word,
  content: proto({ role: word, parts: each(partOf('user')) }),
  title: text('text', 'user'),
  taskType: word,
  embedContentConfig: proto({ title: text('text', 'user'), taskType: word }),
}

const dialect: Dialect = {
  name: 'gemini-embeddings',
  path: '/models',
  request: proto({ ...single, requests: each(proto(single)) }),
  response: proto({ error: errorPlace, usageMetadata: { ...opaque, mark: 'usage' } }),
  forwards: [],

  check(body) {
    checkBody(body)
    const requests = body.find(0, 'requests')
    if (requests === -1) return checkContent(body, 0, '')
    if (body.kind(requests) !== 'array' || body.first(requests) === -1) {
      refuseField(body, requests, 'requests', 'a non-empty array of objects')
    }
    let index = 0
    for (const one of elementsOf(body, requests)) {
      if (!isObject(body, one)) refuseField(body, one, `requests[${index}]`, 'an object')
      checkContent(body, one, `requests[${index++}].`)
    }
  },

  asked(body, path) {
    const told = asked(body, path)
    const field = /:batch/.test(path) ? 'requests' : 'content'
    if (body.find(0, field) !== -1) return told
    throw new GatehouseError('invalid_body', `Expected "${field}", as this path has it.`, { param: field })
  },

  rename: (body, model) => renamed(body, [0, ...elementsOf(body, body.find(0, 'requests'))], model),
  usage,
  error: errorBody,
}

function checkContent(body: Tape, node: number, above: string): void {
  const content = member(body, node, 'content')
  if (!isObject(body, content)) refuseField(body, content, `${above}content`, 'an object')
}

export default dialect
