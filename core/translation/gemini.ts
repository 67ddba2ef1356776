// Google's generateContent, as AI Studio and Vertex serve it and as clients with the official packages speak it. Loaded
// by core/registry.ts; its pieces stand in gemini/.
import type { Translation } from '../../sdk/index.ts'
import { readAnswer } from './gemini/answer-reader.ts'
import { writeAnswer } from './gemini/answer-writer.ts'
import { readError, writeError } from './gemini/error.ts'
import { readRequest } from './gemini/request-reader.ts'
import { writeRequest } from './gemini/request-writer.ts'
import { streamReader } from './gemini/stream-reader.ts'
import { streamWriter } from './gemini/stream-writer.ts'

const gemini: Translation = {
  name: 'gemini',
  framing: 'sse',
  readRequest,
  writeRequest,
  pathOf: (model, stream) => {
    const verb = stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
    return `/models/${encodeURIComponent(model.replace(/^models\//, ''))}:${verb}`
  },
  readAnswer,
  writeAnswer,
  readError,
  writeError,
  streamReader,
  streamWriter,
}

export default gemini
