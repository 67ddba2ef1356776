// OpenAI Responses, without state: whatever would need something that a vendor keeps is refused by name. Loaded by
// core/registry.ts.
import type { Translation } from '../../sdk/index.ts'
import { readError, writeError } from './openai-chat/error.ts'
import { readAnswer, writeAnswer } from './openai-responses/answer.ts'
import { readRequest } from './openai-responses/request-reader.ts'
import { writeRequest } from './openai-responses/request-writer.ts'
import { ResponsesStreamReader } from './openai-responses/stream-reader.ts'
import { ResponsesStreamWriter } from './openai-responses/stream-writer.ts'

const translation: Translation = {
  name: 'openai-responses',
  framing: 'sse',
  readRequest,
  writeRequest,
  pathOf: () => '/responses',
  readAnswer,
  writeAnswer,
  readError,
  writeError,
  streamReader: () => new ResponsesStreamReader(),
  streamWriter: settings => new ResponsesStreamWriter(settings),
}

export default translation
