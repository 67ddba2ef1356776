// What the echo provider says: chat and text completions, whole and streamed word by word. Called by answer.ts.
import { randomUUID } from 'node:crypto'
import type { Said } from './answer.ts'
import type { Instructions } from './instructions.ts'
import { countWords, fieldsOf, inputsOf, itemsOf, Refusal, textOf, wholeNumber, type Request } from './request.ts'

/** Characters that all the choices of one answer may have together. */
const MOST = 16 * 1024 * 1024

/** One choice of an answer. */
interface Choice {
  /** What a whole answer says. */
  readonly whole: object
  /** What a stream says, piece by piece, made as it is sent; then the piece that carries the finish. */
  readonly parts: () => Iterable<object>
  readonly last: object
  readonly finish: string
  /** Words said, and those of them that are reasoning. */
  readonly words: number
  readonly thought: number
}

/** What the two generating APIs call things. */
interface Form {
  readonly prefix: string
  readonly object: string
  readonly chunk: string
}

/** `POST /chat/completions`. */
export function chat(request: Request, told: Instructions): Said {
  const messages = itemsOf(request.messages).map(fieldsOf)
  if (messages.length === 0) throw new Refusal(400, 'Expected messages: a list with at least one message.', 'messages')
  const asked = textOf(messages.findLast(({ role }) => role === 'user')?.content)
  const n = wholeNumber(request, 'n', 1, 128)
  const text = sized(asked === '' ? 'You said nothing.' : `You said: ${asked}`, told.words)
  refuseTooLong(text.length * n * Math.max(1, told.tools ?? 0))
  const tools = itemsOf(request.tools).map(tool => fieldsOf(fieldsOf(tool).function).name)
  const names = tools.filter(name => typeof name === 'string')
  const choices = Array.from({ length: n }, () => choose(asked, text, names, told))
  const prompt = messages.reduce((sum, { content }) => sum + countWords(textOf(content)), 0)
  return say({ prefix: 'chatcmpl-', object: 'chat.completion', chunk: 'chat.completion.chunk' }, request, choices, prompt, told)
}

/** `POST /completions`. */
export function completions(request: Request, told: Instructions): Said {
  const prompts = inputsOf(request, 'prompt', 128)
  const n = wholeNumber(request, 'n', 1, 128)
  let characters = 0
  const texts = prompts.flatMap(prompt => {
    const text = sized(`You said: ${prompt}`, told.words)
    refuseTooLong(characters += text.length * n)
    return Array<string>(n).fill(text)
  })
  const choices = texts.map((text): Choice => ({
    whole: { text },
    *parts() { for (const piece of piecesOf(text)) yield { text: piece } },
    last: { text: '' },
    finish: 'stop',
    words: countWords(text),
    thought: 0,
  }))
  const prompt = prompts.reduce((sum, one) => sum + countWords(one), 0)
  return say({ prefix: 'cmpl-', object: 'text_completion', chunk: 'text_completion' }, request, choices, prompt, told)
}

function choose(asked: string, text: string, names: readonly string[], told: Instructions): Choice {
  const reasoning = told.reasoning === 1 ? `The user said "${asked}", and I am to say it back.` : ''
  const passed = JSON.stringify({ text: told.words === undefined ? asked : text })
  const calls = Array.from({ length: told.tools ?? 0 }, (_, index) => ({
    id: fresh('call_'), type: 'function', function: { name: names[index % names.length] ?? 'echo', arguments: passed },
  }))
  const opening = { role: 'assistant', content: calls.length === 0 ? text : null, refusal: null }
  const thinking = reasoning === '' ? {} : { reasoning_content: reasoning }
  const calling = calls.length === 0 ? {} : { tool_calls: calls }
  const said = calls.length === 0 ? countWords(text) : calls.length * countWords(passed)
  return {
    whole: { message: { ...opening, ...thinking, ...calling } },
    *parts() {
      yield { delta: { ...opening, content: calls.length === 0 ? '' : null } }
      for (const piece of piecesOf(reasoning)) yield { delta: { reasoning_content: piece } }
      if (calls.length === 0) for (const piece of piecesOf(text)) yield { delta: { content: piece } }
      for (const [index, { function: { name }, ...call }] of calls.entries()) {
        yield { delta: { tool_calls: [{ index, ...call, function: { name, arguments: '' } }] } }
        for (const piece of piecesOf(passed)) yield { delta: { tool_calls: [{ index, function: { arguments: piece } }] } }
      }
    },
    last: { delta: {} },
    finish: calls.length === 0 ? 'stop' : 'tool_calls',
    words: said + countWords(reasoning),
    thought: countWords(reasoning),
  }
}

function say(form: Form, request: Request, choices: readonly Choice[], prompt: number, told: Instructions): Said {
  const stream = request.stream === true
  const head = {
    id: fresh(form.prefix),
    object: stream ? form.chunk : form.object,
    created: Math.floor(Date.now() / 1000),
    model: request.model,
    system_fingerprint: 'echo',
  }
  const usage = told.usage === 0 ? undefined : usageOf(choices, prompt)
  if (!stream) {
    const all = choices.map(({ whole, finish }, index) => ({ index, ...whole, logprobs: null, finish_reason: finish }))
    return { whole: { ...head, choices: all, ...(usage === undefined ? {} : { usage }) } }
  }
  const asked = fieldsOf(request.stream_options).include_usage === true && usage !== undefined
  return { events: chunks(head, choices, asked ? usage : undefined) }
}

/** The chunks of a stream, the choices taking turns. With usage, every chunk has the field and the last one fills it. */
function* chunks(head: object, choices: readonly Choice[], usage: object | undefined): Generator<string, void> {
  const nothing = usage === undefined ? {} : { usage: null }
  const chunk = (index: number, part: object, finish: string | null): string =>
    JSON.stringify({ ...head, choices: [{ index, ...part, logprobs: null, finish_reason: finish }], ...nothing })
  const running = new Map(choices.map((choice, index) => [index, choice.parts()[Symbol.iterator]()]))
  while (running.size > 0) {
    for (const [index, parts] of running) {
      const { done, value } = parts.next()
      if (done !== true) {
        yield chunk(index, value, null)
        continue
      }
      running.delete(index)
      yield chunk(index, choices[index]!.last, choices[index]!.finish)
    }
  }
  if (usage !== undefined) yield JSON.stringify({ ...head, choices: [], usage })
}

/** A word counts as a token. */
function usageOf(choices: readonly Choice[], prompt: number): object {
  const words = choices.reduce((sum, choice) => sum + choice.words, 0)
  return {
    prompt_tokens: prompt,
    completion_tokens: words,
    total_tokens: prompt + words,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: choices.reduce((sum, choice) => sum + choice.thought, 0) },
  }
}

function refuseTooLong(characters: number): void {
  if (characters > MOST) throw new Refusal(400, `Expected an answer of at most ${MOST} characters over all its choices.`)
}

/** The text with so many words: cut off, or said again from the first. */
function sized(text: string, words: number | undefined): string {
  if (words === undefined) return text
  const all: string[] = []
  for (const [word] of text.matchAll(/\S+/g)) if (all.push(word) === words) break
  refuseTooLong(Math.ceil(words / all.length) * (all.join(' ').length + 1))
  return Array.from({ length: words }, (_, index) => all[index % all.length]).join(' ')
}

/** Words with the white space before them; what they add up to is the text. */
function* piecesOf(text: string): Generator<string, void> {
  for (const [piece] of text.matchAll(/\s*\S+|\s+$/g)) yield piece
}

function fresh(prefix: string): string {
  return prefix + randomUUID().replaceAll('-', '')
}
