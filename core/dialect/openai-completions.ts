// OpenAI Completions, the older format of a prompt and its continuation. Loaded by core/registry.ts.
import { each, fields, text, word } from '../../sdk/index.ts'
import type { Dialect } from '../../sdk/index.ts'
import { frameOf, headOf, headOfReply, onlyUsage, parseFrame } from './openai/frames.ts'
import { askForUsage, checkAnswerShape, checkBody, checkInput, checkModel } from './openai/requests.ts'
import { FORWARDS, NO_TOKENS, besideText, errorBody, fromUser, fromUserMany, generated, usage } from './openai/words.ts'

/** An answer and a frame have the same form here. */
const OBJECT = 'text_completion'
const answered = fields({
  ...generated,
  choices: each(fields({ ...besideText, text: text('text', 'assistant') }, { opens: 'choice' })),
})

const choice = (index: number, piece: string, finish: string | null): object =>
  ({ index, text: piece, logprobs: null, finish_reason: finish })

const dialect: Dialect = {
  name: 'openai-completions',
  path: '/completions',
  request: fields({
    model: word,
    prompt: fromUserMany,
    suffix: fromUser,
    stop: fromUserMany,
    user: fromUser,
  }),
  response: answered,
  forwards: FORWARDS,

  check(request) {
    checkBody(request)
    checkModel(request)
    checkAnswerShape(request)
    // Without a prompt, or with null, a model begins on its own.
    const prompt = request.find(0, 'prompt')
    if (prompt !== -1 && request.kind(prompt) !== 'literal') checkInput(request, 'prompt')
  },

  length: { fields: ['max_tokens'], choices: ['n', 'best_of'], prompts: 'prompt' },
  askForUsage,
  usage,

  answer: reply => JSON.stringify({
    ...headOfReply(reply, OBJECT),
    choices: [choice(0, reply.text, reply.finish)],
    usage: NO_TOKENS,
  }),

  error: errorBody,

  streaming: {
    frame: answered,
    done: '[DONE]',
    say: (lane, piece, like) => frameOf(headOf(parseFrame(like), OBJECT), choice(lane.choice, piece, null)),

    refuse(choices, { latest }, why) {
      const head = headOf(parseFrame(latest), OBJECT)
      return choices.map(index => frameOf(head, choice(index, '', why)))
    },

    answer(reply) {
      const head = headOfReply(reply, OBJECT)
      return [frameOf(head, choice(0, reply.text, null)), frameOf(head, choice(0, '', reply.finish))]
    },

    error: errorBody,
    onlyUsage,
  },
}

export default dialect
