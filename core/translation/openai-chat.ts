// OpenAI Chat Completions, as most clients speak it and as dozens of vendors took it over. Loaded by core/registry.ts.
import type { Translation } from '../../sdk/index.ts'
import { readAnswer, writeAnswer } from './openai-chat/answer.ts'
import { readError, writeError } from './openai-chat/error.ts'
import { OPENAI } from './openai-chat/manner.ts'
import { readRequest } from './openai-chat/request-reader.ts'
import { writeRequest } from './openai-chat/request-writer.ts'
import { ChatStreamReader } from './openai-chat/stream-reader.ts'
import { ChatStreamWriter } from './openai-chat/stream-writer.ts'

const translation: Translation = {
  name: 'openai-chat',
  framing: 'sse',
  readRequest: (body, asked) => readRequest(body, asked, OPENAI.dialect),
  writeRequest,
  pathOf: () => '/chat/completions',
  readAnswer: body => readAnswer(body, OPENAI.dialect),
  writeAnswer: (answer, settings) => writeAnswer(answer, settings, OPENAI),
  readError,
  writeError,
  streamReader: () => new ChatStreamReader(OPENAI.dialect),
  streamWriter: settings => new ChatStreamWriter(settings, OPENAI, error => writeError(error).body),
}

export default translation
