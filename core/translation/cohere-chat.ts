// Cohere's v2/chat. Loaded by core/registry.ts; its pieces stand in cohere-chat/.
import type { Translation } from '../../sdk/index.ts'
import { readAnswer, writeAnswer } from './cohere-chat/answer.ts'
import { readError, writeError } from './cohere-chat/error.ts'
import { readRequest } from './cohere-chat/request-reader.ts'
import { writeRequest } from './cohere-chat/request-writer.ts'
import { streamReader } from './cohere-chat/stream-reader.ts'
import { streamWriter } from './cohere-chat/stream-writer.ts'

const cohere: Translation = {
  name: 'cohere-chat',
  framing: 'sse',
  readRequest,
  writeRequest,
  // The base URL ends in the version: https://api.cohere.com/v2.
  pathOf: () => '/chat',
  readAnswer,
  writeAnswer,
  readError,
  writeError,
  streamReader,
  streamWriter,
}

export default cohere
