// OpenAI paths whose bodies pass by unread: images, audio, files and what is not known here. The path comes with each
// call. Loaded by core/registry.ts.
import type { Dialect } from '../../sdk/index.ts'
import { FORWARDS, errorBody } from './openai/words.ts'

const dialect: Dialect = {
  name: 'openai-raw',
  path: '',
  request: {},
  response: {},
  forwards: [...FORWARDS, 'content-type', 'range'],
  check() {},
  usage: () => undefined,
  error: errorBody,
}

export default dialect
