// Google's count of a request's tokens before it is sent: contents alone, or the whole request as it would be sent. Loaded by
// core/registry.ts.
import type { Dialect, Tape } from '../../sdk/index.ts'
import { errorBody, errorPlace } from './gemini/answers.ts'
import { isObject, member, proto, renamed } from './gemini/parts.ts'
import { asked, insert, request } from './gemini/requests.ts'
import { checkBody, checkObjects, refuseField } from './openai/requests.ts'
import { opaque } from './openai/words.ts'

/** What holds the contents: the request that is counted, or the body itself. */
function counted(body: Tape): number {
  const whole = member(body, 0, 'generateContentRequest')
  return whole === -1 ? 0 : whole
}

const dialect: Dialect = {
  name: 'gemini-count-tokens',
  path: '/models',
  request: proto({ ...request.fields, generateContentRequest: request }),
  response: proto({ error: errorPlace, promptTokensDetails: opaque, cacheTokensDetails: opaque }),
  forwards: [],
  free: true,

  check(body) {
    checkBody(body)
    const whole = counted(body)
    if (!isObject(body, whole)) refuseField(body, whole, 'generateContentRequest', 'an object')
    checkObjects(body, whole, 'contents')
  },

  asked,
  // Words of the system are counted as a turn: contents alone have no other place for them.
  insert: (body, message, at) => insert(body, message, at, counted(body)),
  rename: (body, model) => renamed(body, [member(body, 0, 'generateContentRequest')], model),
  // It is a count of what another request would use.
  usage: () => undefined,
  error: errorBody,
}

export default dialect
