// Anthropic's Messages API, as clients speak it and providers do. Loaded by name from core/registry.ts. One file a
// direction in anthropic-messages/; what Claude wants wherever it is served is shared with bedrock-converse/.
import type { Translation } from '../../sdk/index.ts'
import { readAnswer, writeAnswer } from './anthropic-messages/answer.ts'
import { readError, writeError } from './anthropic-messages/error.ts'
import { readRequest } from './anthropic-messages/read-request.ts'
import { AnthropicStreamReader } from './anthropic-messages/stream-reader.ts'
import { AnthropicStreamWriter } from './anthropic-messages/stream-writer.ts'
import { writeRequest } from './anthropic-messages/write-request.ts'

const anthropicMessages: Translation = {
  name: 'anthropic-messages',
  framing: 'sse',
  readRequest,
  writeRequest,
  pathOf: () => '/v1/messages',
  readAnswer,
  writeAnswer,
  readError,
  writeError,
  streamReader: () => new AnthropicStreamReader(),
  streamWriter: settings => new AnthropicStreamWriter(settings),
}

export default anthropicMessages
