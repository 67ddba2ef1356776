// Ollama's own chat, POST /api/chat: one JSON a line, arguments as objects, pictures as bare base64. Loaded by core/registry.ts.
import type { Translation } from '../../sdk/index.ts'
import { readAnswer, writeAnswer } from './ollama-chat/answer.ts'
import { readError, writeError } from './ollama-chat/error.ts'
import { readRequest } from './ollama-chat/request-reader.ts'
import { writeRequest } from './ollama-chat/request-writer.ts'
import { OllamaStreamReader } from './ollama-chat/stream-reader.ts'
import { OllamaStreamWriter } from './ollama-chat/stream-writer.ts'

const translation: Translation = {
  name: 'ollama-chat',
  framing: 'lines',
  readRequest,
  writeRequest,
  pathOf: () => '/api/chat',
  readAnswer,
  writeAnswer,
  readError,
  writeError,
  streamReader: () => new OllamaStreamReader(),
  streamWriter: settings => new OllamaStreamWriter(settings),
}

export default translation
