import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import OpenAI from 'openai'
import { onto, openRig, openUpstream, type Rig } from './rig.ts'
import { hear } from './streams.ts'

type Chunk = OpenAI.ChatCompletionChunk
type Delta = OpenAI.ChatCompletionChunk.Choice.Delta & { reasoning_content?: string }

const HEAD = { id: 'chatcmpl-7', object: 'chat.completion.chunk', created: 1, model: 'm' }
const event = (choices: readonly object[], more: object = {}): string => JSON.stringify({ ...HEAD, choices, ...more })
const says = (index: number, delta: Delta, finish: string | null = null): string =>
  event([{ index, delta, finish_reason: finish }])
const calls = (index: number, name: string, text: string): Delta =>
  ({ tool_calls: [{ index, id: `call_${index}`, type: 'function', function: { name, arguments: text } }] })
const adds = (index: number, text: string): Delta => ({ tool_calls: [{ index, function: { arguments: text } }] })

/** Two choices that think, answer, refuse and call; the second one is done long before the first. */
const RECORD = [
  says(0, { role: 'assistant', content: '' }),
  says(1, { role: 'assistant', content: '' }),
  says(0, { reasoning_content: 'The user wants ' }),
  says(1, { reasoning_content: 'Weather and ' }),
  says(0, { reasoning_content: 'the weather in two towns.' }),
  says(1, { reasoning_content: 'time.' }),
  says(1, { content: 'Let me ' }),
  says(0, { content: 'I look at ' }),
  says(0, { content: 'both of them. ' }),
  says(1, { content: 'see: it is 4539 1488 ' }),
  says(1, { content: 'hours from here.' }),
  says(1, { refusal: 'Of the rest ' }),
  says(0, calls(0, 'weather', '')),
  says(0, adds(0, '{"town":')),
  says(1, { refusal: 'I may not speak.' }),
  says(0, adds(0, ' "Ghent", "days"')),
  says(0, calls(1, 'clock', '{')),
  says(0, adds(0, ': 3}')),
  says(1, {}, 'stop'),
  says(0, adds(1, '"zone": "Europe/')),
  says(0, adds(1, 'Brussels"}')),
  says(0, { content: 'This ' }),
  says(0, { content: 'takes a ' }),
  says(0, { content: 'moment.' }),
  says(0, {}, 'tool_calls'),
  event([], { usage: { prompt_tokens: 9, completion_tokens: 60, total_tokens: 69 } }),
]

const VALUE = 'jane.roe@example.com'
const PARTS = ['jane', 'example.com']
const MESSAGE = 'Not here.'

/** What carries the value, on each channel. */
const CARRIERS: Readonly<Record<string, (choice: number) => string>> = {
  content: choice => says(choice, { content: `Write to ${VALUE} now` }),
  refusal: choice => says(choice, { refusal: `Not to ${VALUE} then` }),
  reasoning: choice => says(choice, { reasoning_content: `Could ask ${VALUE}, too` }),
  arguments: choice => says(choice, calls(5, 'mail', JSON.stringify({ to: VALUE }))),
}

/** The choice and the finish of each event that ends one. */
const ENDINGS = RECORD.flatMap((payload, at) => {
  const [choice] = (JSON.parse(payload) as Chunk).choices
  return choice?.finish_reason ? [{ at, index: choice.index, reason: choice.finish_reason }] : []
})

interface House {
  readonly rig: Rig
  readonly client: OpenAI
  /** What the upstream is to say; it says the first event, and the others when the client listens. It never ends by itself. */
  play(events: readonly string[]): { listening(): void; gone: Promise<void> }
}

async function openHouse(t: TestContext): Promise<House> {
  let events: readonly string[] = []
  let listening = Promise.withResolvers<void>()
  let gone = Promise.withResolvers<void>()
  const upstream = await openUpstream(t, async reply => {
    const [first, ...others] = events.map(payload => `data: ${payload}\n\n`)
    reply.on('close', gone.resolve)
    reply.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.write(first!)
    await listening.promise
    reply.write(others.join(''))
  })
  const chain = [{ use: 'pii', options: { action: 'block' }, blockResponse: { style: 'finish', message: MESSAGE } }]
  const rig = await openRig(t, onto(upstream.url, { chain }))
  return {
    rig,
    client: new OpenAI({ baseURL: `${rig.url}/v1`, apiKey: 'any', maxRetries: 0 }),
    play(next) {
      events = next
      listening = Promise.withResolvers()
      gone = Promise.withResolvers()
      return { listening: listening.resolve, gone: gone.promise }
    },
  }
}

const ASKED = { model: 'm', n: 2, messages: [{ role: 'user' as const, content: 'What is the weather?' }] }

/** Every place for the value: before each event, as each choice that is not finished there. */
const PLACES = RECORD.slice(0, ENDINGS.at(-1)!.at + 1).flatMap((_, at) =>
  ENDINGS.filter(ending => ending.at >= at).map(ending => ({ at, choice: ending.index })))

/** What the client got of `events`, in which the value is the one at `at`, said as `choice`. */
function check(chunks: readonly Chunk[], events: readonly string[], at: number, choice: number): void {
  const all = JSON.stringify(chunks)
  for (const part of PARTS) assert.ok(!all.includes(part), `${part} has left, from event ${at}`)
  const told = hear(events)
  const heard = hear(chunks.map(chunk => JSON.stringify(chunk)))
  // Nothing had left: the gateway speaks for itself.
  if (at === 0 && heard['0 content'] === MESSAGE) {
    return assert.deepEqual(heard, { '0 content': MESSAGE, '0 finish': 'content_filter' })
  }
  for (const [place, text] of Object.entries(heard)) {
    if (place.endsWith('finish')) continue
    assert.ok(told[place]?.startsWith(text), `${place}: ${text}`)
  }
  const seen = new Set(chunks.flatMap(chunk => chunk.choices.map(({ index }) => index)))
  for (const index of seen) {
    const finish = heard[`${index} finish`]
    const own = ENDINGS.find(ending => ending.index === index)!.reason
    const right = finish === 'content_filter' || (index !== choice && finish === own)
    assert.ok(right, `choice ${index} ends with ${finish}, from event ${at}`)
  }
  assert.equal(heard[`${choice} finish`], 'content_filter')
  const end = chunks.findIndex(({ choices }) => choices.some(({ finish_reason: reason }) => reason === 'content_filter'))
  for (const { choices } of chunks.slice(end)) {
    // A choice of which nothing has left yet is told to be the assistant's, as `.stream()` wants it.
    for (const { delta: { role: _, ...delta }, finish_reason: reason } of choices) assert.deepEqual([delta, reason], [{}, 'content_filter'])
  }
}

for (const [channel, carry] of Object.entries(CARRIERS)) {
  test(`a value at any event is a clean end to the official client: in ${channel}`, { timeout: 20_000 }, async t => {
    const { rig, client, play } = await openHouse(t)
    for (const { at, choice } of PLACES) {
      const events = RECORD.toSpliced(at, 0, carry(choice))
      const { listening, gone } = play(events)
      const settled = rig.settled()
      // Where the very first event is held, not even the head of the answer leaves.
      if (at === 0) listening()
      const stream = await client.chat.completions.create({ ...ASKED, stream: true })
      listening()
      const chunks: Chunk[] = []
      for await (const chunk of stream) chunks.push(chunk)
      check(chunks, events, at, choice)
      await gone
      assert.equal((await settled).ending, 'blocked')
    }
  })
}

test('the client that puts the answer together does so up to the refusal', { timeout: 20_000 }, async t => {
  const { client, play } = await openHouse(t)
  // This client takes no choice without a role, so the choice is one that has begun, or nothing has.
  for (const { at, choice } of PLACES.filter(place => place.at === 0 || place.at > place.choice)) {
    const { listening, gone } = play(RECORD.toSpliced(at, 0, CARRIERS.content!(choice)))
    const stream = client.chat.completions.stream(ASKED).on('connect', listening)
    const { choices } = await stream.finalChatCompletion()
    assert.equal(choices.find(({ index }) => at === 0 || index === choice)?.finish_reason, 'content_filter')
    await gone
  }
})
