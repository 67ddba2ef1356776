// Vendors of embeddings, each played in its own words: what it is asked, and the vectors that it gives. Used by
// embeddings.test.ts.
import { generateKeyPairSync } from 'node:crypto'
import type { TestContext } from 'node:test'
import { openUpstream } from './rig.ts'

type Body = Readonly<Record<string, unknown>>

/** One vendor. */
export interface Embedder {
  readonly provider: object
  readonly base: string
  readonly model: string
  readonly path: string
  /** The texts of a request. */
  texts(body: Body): readonly string[]
  /** The length that is asked for. */
  dimensions(body: Body): unknown
  /** An answer with these vectors, for a request of so many tokens. */
  answer(vectors: readonly (readonly number[])[], tokens: number): object
  /** An error of status 429. */
  readonly error: object
  /** False where its answers tell no usage. */
  readonly counts?: false
}

const key = 'vendor-key'
const input = ({ input: texts }: Body): string[] => texts as string[]
/** Backwards, as nobody forbids. */
const list = (vectors: readonly (readonly number[])[], tokens: number): object => ({
  object: 'list', model: 'm', data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })).toReversed(),
  usage: { prompt_tokens: tokens, total_tokens: tokens },
})
const openaiError = { error: { message: 'slower', type: 'requests', code: 'rate_limit_exceeded' } }
const googleError = { error: { code: 429, message: 'slower', status: 'RESOURCE_EXHAUSTED' } }

/** The key of a service account, whose tokens come from the vendor itself. */
const serviceAccount = (url: string): string => JSON.stringify({
  type: 'service_account', client_email: 'a@b', project_id: 'p', token_uri: `${url}/token`,
  private_key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
})

/** By provider. */
export const EMBEDDERS: Readonly<Record<string, Embedder>> = {
  'openai-compatible': {
    provider: { use: 'openai-compatible', key }, base: '/v1', model: 'm', path: '/v1/embeddings', texts: input, dimensions: body => body.dimensions,
    answer: list, error: openaiError,
  },
  azure: {
    provider: { use: 'azure', key }, base: '', model: 'm', path: '/openai/v1/embeddings', texts: input, dimensions: body => body.dimensions,
    answer: list, error: openaiError,
  },
  mistral: {
    provider: { use: 'mistral', key }, base: '/v1', model: 'm', path: '/v1/embeddings', texts: input, dimensions: body => body.output_dimension,
    answer: list, error: { object: 'error', message: 'slower', type: 'rate_limited', code: '1300' },
  },
  ollama: {
    provider: { use: 'ollama', key: '' }, base: '', model: 'm', path: '/api/embed', texts: input, dimensions: body => body.dimensions,
    answer: (embeddings, tokens) => ({ model: 'm', embeddings, total_duration: 1, prompt_eval_count: tokens }), error: { error: 'slower' },
  },
  cohere: {
    provider: { use: 'cohere', key }, base: '/v2', model: 'm', path: '/v2/embed', texts: body => body.texts as string[], dimensions: body => body.output_dimension,
    answer: (float, tokens) => ({ id: 'i', embeddings: { float }, meta: { billed_units: { input_tokens: tokens } } }), error: { message: 'slower' },
  },
  gemini: {
    provider: { use: 'gemini', key }, base: '/v1beta', model: 'm', path: '/v1beta/models/m:batchEmbedContents',
    texts: ({ requests }) => (requests as { content: { parts: { text: string }[] } }[]).map(({ content }) => content.parts[0]!.text),
    dimensions: ({ requests }) => (requests as { outputDimensionality?: number }[])[0]!.outputDimensionality,
    answer: vectors => ({ embeddings: vectors.map(values => ({ values })) }), error: googleError, counts: false,
  },
  vertex: {
    provider: { use: 'vertex', options: { location: 'us-east1' } }, base: '/v1', model: 'm',
    path: '/v1/projects/p/locations/us-east1/publishers/google/models/m:predict',
    texts: ({ instances }) => (instances as { content: string }[]).map(({ content }) => content),
    dimensions: ({ parameters }) => (parameters as { outputDimensionality?: number } | undefined)?.outputDimensionality,
    answer: (vectors, tokens) => ({
      predictions: vectors.map((values, at) => ({ embeddings: { values, statistics: { token_count: at === 0 ? tokens : 0, truncated: false } } })),
    }),
    error: googleError,
  },
  bedrock: {
    provider: { use: 'bedrock', key: 'AKID:secret', options: { region: 'eu-central-1' } }, base: '', model: 'cohere.embed-v4:0',
    path: '/model/cohere.embed-v4%3A0/invoke', texts: body => body.texts as string[], dimensions: body => body.output_dimension,
    answer: float => ({ id: 'i', embeddings: { float } }), error: { message: 'slower' }, counts: false,
  },
}

/** Numbers that a 32-bit float holds to the last bit. */
export const vectorOf = (text: string): number[] => [text.length, -0.5, text.charCodeAt(0) / 8]

/** What came to a vendor. */
export interface Received {
  readonly path: string
  readonly body: Body
}

/** Opens a vendor, which fails where it is asked for `fail`; gives its provider's entry in a config, and what it was asked. */
export async function openEmbedder(t: TestContext, { provider, base, texts, answer, error }: Embedder): Promise<{ provider: object; received: Received[] }> {
  const received: Received[] = []
  const upstream = await openUpstream(t, (reply, bytes, { url = '' }) => {
    const send = (status: number, body: object): void => void reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (url.endsWith('/token')) return send(200, { access_token: 't', expires_in: 3600, token_type: 'Bearer' })
    const body = JSON.parse(bytes.toString()) as Body
    received.push({ path: url, body })
    const asked = texts(body)
    return asked[0] === 'fail' ? send(429, error) : send(200, answer(asked.map(vectorOf), asked.join(' ').split(' ').length))
  })
  const root = upstream.url.replace(/\/v1$/, '')
  const secret = 'use' in provider && provider.use === 'vertex' ? { key: serviceAccount(root) } : {}
  return { provider: { ...provider, ...secret, url: root + base }, received }
}
