// Mistral's chat: Chat Completions that refuse what they do not know, with ways of their own for ids, thoughts and errors.
// Loaded by core/registry.ts.
import type { ProviderError, Translation } from '../../sdk/index.ts'
import { MISTRAL } from './mistral-chat/manner.ts'
import { readRequest, writeRequest } from './mistral-chat/request.ts'
import { readAnswer, writeAnswer } from './openai-chat/answer.ts'
import { readError, toldOf } from './openai-chat/error.ts'
import { ChatStreamReader } from './openai-chat/stream-reader.ts'
import { ChatStreamWriter } from './openai-chat/stream-writer.ts'

/** What OpenAI's error says, without the object around it. */
function writeError(failed: ProviderError): { readonly status: number; readonly body: string } {
  const { status, error } = toldOf(failed)
  return { status, body: JSON.stringify({ object: 'error', ...error }) }
}

const translation: Translation = {
  name: 'mistral-chat',
  framing: 'sse',
  readRequest,
  writeRequest,
  pathOf: () => '/chat/completions',
  readAnswer: body => readAnswer(body, MISTRAL.dialect),
  writeAnswer: (answer, settings) => writeAnswer(answer, settings, MISTRAL),
  readError,
  writeError,
  streamReader: () => new ChatStreamReader(MISTRAL.dialect),
  streamWriter: settings => new ChatStreamWriter(settings, MISTRAL, error => writeError(error).body),
}

export default translation
