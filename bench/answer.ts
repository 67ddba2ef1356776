// What the fake model provider says: one whole answer of a fixed size, and one stream of fixed frames; in OpenAI's shape,
// and with the same words in Anthropic's. Served by bench/upstream.ts, the whole answers also by nginx (bench/peer.ts).

/** Milliseconds between two frames of the stream. */
export const PACE = 10

const head = (object: string) => `{"id":"chatcmpl-bench","object":"${object}","created":1700000000,"model":"gpt-4o-mini",`
const usage = (output: number) => `"usage":{"prompt_tokens":48,"completion_tokens":${output},"total_tokens":${48 + output}}}`

const opening = `${head('chat.completion')}"choices":[{"index":0,"message":{"role":"assistant","content":"`
const closing = `"},"logprobs":null,"finish_reason":"stop"}],${usage(52)}`
const words = 'The gate opens at dawn and closes when the last cart has come home; whoever stands before it says a name. '

const said = words.repeat(3).slice(0, 500 - opening.length - closing.length)

/** A whole chat answer of exactly 500 bytes. */
export const ANSWER = opening + said + closing

const frame = (rest: string) => `data: ${head('chat.completion.chunk')}${rest}\n\n`

/** A streamed chat answer of 64 pieces; the last brings the usage and the end mark. */
export const FRAMES: readonly string[] = [
  frame('"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}'),
  ...Array.from({ length: 61 }, () => frame('"choices":[{"index":0,"delta":{"content":" gate"},"finish_reason":null}]}')),
  frame('"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}'),
  `${frame(`"choices":[],${usage(61)}`)}data: [DONE]\n\n`,
]

/** Where Anthropic's answers are served; whoever asks for another path gets OpenAI's. */
export const ANTHROPIC_PATH = '/v1/messages'

const message = (content: string, reason: string, output: number) => `{"id":"msg_bench","type":"message","role":"assistant",\
"model":"claude-haiku-4-5","content":[${content}],"stop_reason":${reason},"stop_sequence":null,\
"usage":{"input_tokens":48,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":${output}}}`

/** The same whole answer as Anthropic tells it. */
export const ANTHROPIC_ANSWER = message(`{"type":"text","text":"${said}"}`, '"end_turn"', 52)

const event = (type: string, rest: string) => `event: ${type}\ndata: {"type":"${type}"${rest}}\n\n`

/** The same stream as Anthropic tells it: as many pieces, and as many words in each. */
export const ANTHROPIC_FRAMES: readonly string[] = [
  event('message_start', `,"message":${message('', 'null', 1)}`)
    + event('content_block_start', ',"index":0,"content_block":{"type":"text","text":""}'),
  ...Array.from({ length: 61 }, () => event('content_block_delta', ',"index":0,"delta":{"type":"text_delta","text":" gate"}')),
  event('content_block_stop', ',"index":0')
    + event('message_delta', ',"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":61}'),
  event('message_stop', ''),
]
