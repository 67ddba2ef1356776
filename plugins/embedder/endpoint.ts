// Any endpoint that speaks OpenAI's `/v1/embeddings`. A call over the network: whoever waits for it must bound the wait.
import { defineEmbedder, Type } from 'gatehouse/sdk'
import { request } from 'undici'

const DEFAULTS = { key: '', timeout: 10_000 }
/** Bytes of an answer for one text: some thousand numbers in JSON. */
const MOST_PER_TEXT = 256 * 1024
/** Calls at once, beyond which a text is refused. */
const MOST_CALLS = 64

export default defineEmbedder({
  name: 'endpoint',
  options: Type.Object({
    url: Type.String({ pattern: '^https?://', description: 'The base URL, as in https://api.openai.com/v1.' }),
    key: Type.Optional(Type.String({ default: DEFAULTS.key })),
    model: Type.String({ minLength: 1 }),
    dimensions: Type.Integer({ minimum: 1, maximum: 8192, description: 'Of its vectors.' }),
    timeout: Type.Optional(Type.Integer({ minimum: 1, maximum: 600_000, default: DEFAULTS.timeout, description: 'Milliseconds of one call.' })),
  }, { additionalProperties: false }),
  open(options) {
    const { url, key, model, dimensions, timeout } = { ...DEFAULTS, ...options }
    const address = `${url.replace(/\/+$/, '')}/embeddings`
    const closing = new AbortController()
    let calls = 0

    async function ask(texts: readonly string[]): Promise<Float32Array[]> {
      const { statusCode, body } = await request(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(key !== '' && { authorization: `Bearer ${key}` }) },
        body: JSON.stringify({ model, input: texts, encoding_format: 'float' }),
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(timeout)]),
      })
      const pieces: Buffer[] = []
      let size = 0
      for await (const piece of body as AsyncIterable<Buffer>) {
        size += piece.length
        if (size > MOST_PER_TEXT * texts.length) throw new Error('expected a shorter answer of the embedder')
        pieces.push(piece)
      }
      if (statusCode !== 200) throw new Error(`expected vectors of the embedder, got status ${statusCode}`)
      return vectorsIn(JSON.parse(Buffer.concat(pieces).toString()), texts.length, dimensions)
    }

    return {
      model,
      dimensions,
      async embed(texts) {
        if (calls >= MOST_CALLS) throw new Error('the embedder has no room')
        calls++
        try {
          return await ask(texts)
        } finally {
          calls--
        }
      },
      async close() { closing.abort() },
    }
  },
})

function vectorsIn(answer: unknown, count: number, dimensions: number): Float32Array[] {
  const { data } = (answer ?? {}) as { data?: unknown }
  const vectors = Array.isArray(data) ? (data as { index?: unknown; embedding?: unknown }[]) : []
  const ordered = vectors.toSorted((a, b) => Number(a?.index) - Number(b?.index)).map(one => one?.embedding)
  if (ordered.length !== count) throw new Error(`expected ${count} vectors of the embedder, got ${ordered.length}`)
  return ordered.map(vector => {
    if (!Array.isArray(vector) || vector.length !== dimensions || !vector.every(one => typeof one === 'number')) {
      throw new Error(`expected vectors of ${dimensions} numbers`)
    }
    const length = Math.hypot(...(vector as number[])) || 1
    return Float32Array.from(vector as number[], one => one / length)
  })
}
