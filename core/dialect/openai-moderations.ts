// OpenAI Moderations: texts in, verdicts out. Loaded by core/registry.ts.
import { each, fields, word } from '../../sdk/index.ts'
import type { Dialect } from '../../sdk/index.ts'
import { checkBody, checkInput, checkModel } from './openai/requests.ts'
import { FORWARDS, envelope, errorBody, fromUser, opaque, usage } from './openai/words.ts'

const dialect: Dialect = {
  name: 'openai-moderations',
  path: '/moderations',
  request: fields({
    model: word,
    input: { ...fromUser, ...each({ ...fromUser, ...fields({ type: word, text: fromUser, image_url: fields({ url: word }) }) }) },
  }),
  response: fields({
    ...envelope,
    results: each(fields({ category_applied_input_types: opaque })),
  }),
  forwards: FORWARDS,

  // The model may be left out here: OpenAI then takes its newest.
  check(request) {
    checkBody(request)
    if (request.find(0, 'model') !== -1) checkModel(request)
    checkInput(request, 'input')
  },

  usage,
  free: true,
  error: errorBody,
}

export default dialect
