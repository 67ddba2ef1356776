// Google's generateContent, as AI Studio and Vertex serve it. Loaded by core/registry.ts; one file an idea in gemini/.
import type { Dialect } from '../../sdk/index.ts'
import { answer, answered, errorBody, streaming, usage } from './gemini/answers.ts'
import { asked, asksForJson, check, insert, instruct, request, schemasOf } from './gemini/requests.ts'

const dialect: Dialect = {
  name: 'gemini',
  // The rest of the path is the call's own.
  path: '/models',
  request,
  response: answered(false),
  forwards: [],
  check,
  asked,
  asksForJson,
  schemas: schemasOf,
  insert,
  instruct,
  length: { within: ['generationConfig', 'generation_config'], fields: ['maxOutputTokens', 'max_output_tokens'], choices: ['candidateCount', 'candidate_count'] },
  usage,
  answer,
  error: errorBody,
  streaming,
}

export default dialect
