// Amazon Bedrock's Converse API, for every model that it serves. Loaded by name from core/registry.ts. One file a direction
// in bedrock-converse/; what Claude wants wherever it is served comes from anthropic-messages/.
import type { Translation } from '../../sdk/index.ts'
import { readAnswer, writeAnswer } from './bedrock-converse/answer.ts'
import { readError, writeError } from './bedrock-converse/error.ts'
import { readRequest } from './bedrock-converse/read-request.ts'
import { BedrockStreamReader } from './bedrock-converse/stream-reader.ts'
import { BedrockStreamWriter } from './bedrock-converse/stream-writer.ts'
import { writeRequest } from './bedrock-converse/write-request.ts'

const bedrockConverse: Translation = {
  name: 'bedrock-converse',
  framing: 'aws-events',
  readRequest,
  writeRequest,
  /** A model may be an ARN, with slashes: it is one segment all the same. */
  pathOf: (model, stream) => `/model/${encodeURIComponent(model)}/${stream ? 'converse-stream' : 'converse'}`,
  readAnswer,
  writeAnswer,
  readError,
  writeError,
  streamReader: () => new BedrockStreamReader(),
  streamWriter: () => new BedrockStreamWriter(),
}

export default bedrockConverse
