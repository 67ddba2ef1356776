// What the fake model provider says: one whole answer of a fixed size, and one stream of fixed frames. Served by
// bench/upstream.ts, the whole answer also by nginx (bench/peer.ts).

/** Milliseconds between two frames of the stream. */
export const PACE = 10

const head = (object: string) => `{"id":"chatcmpl-bench","object":"${object}","created":1700000000,"model":"gpt-4o-mini",`
const usage = (output: number) => `"usage":{"prompt_tokens":48,"completion_tokens":${output},"total_tokens":${48 + output}}}`

const opening = `${head('chat.completion')}"choices":[{"index":0,"message":{"role":"assistant","content":"`
const closing = `"},"logprobs":null,"finish_reason":"stop"}],${usage(52)}`
const words = 'The gate opens at dawn and closes when the last cart has come home; whoever stands before it says a name. '

/** A whole chat answer of exactly 500 bytes. */
export const ANSWER = opening + words.repeat(3).slice(0, 500 - opening.length - closing.length) + closing

const frame = (rest: string) => `data: ${head('chat.completion.chunk')}${rest}\n\n`

/** A streamed chat answer of 64 pieces; the last brings the usage and the end mark. */
export const FRAMES: readonly string[] = [
  frame('"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}'),
  ...Array.from({ length: 61 }, () => frame('"choices":[{"index":0,"delta":{"content":" gate"},"finish_reason":null}]}')),
  frame('"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}'),
  `${frame(`"choices":[],${usage(61)}`)}data: [DONE]\n\n`,
]
