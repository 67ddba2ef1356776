// Google's Gemini API as applications call it: generateContent, whole and streamed, the count of tokens, and embeddings. The
// model stands in the path; a key in the query goes no further than the auth plugin.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { GatehouseError, definePlugin } from 'gatehouse/sdk'

/** What may be done with a model, and the dialect that each of it speaks. */
const DIALECT_OF_VERB: Readonly<Record<string, string>> = {
  generateContent: 'gemini',
  streamGenerateContent: 'gemini',
  countTokens: 'gemini-count-tokens',
  embedContent: 'gemini-embeddings',
  batchEmbedContents: 'gemini-embeddings',
}
const CALL = new RegExp(`^/v1(?:beta)?/models/(.+):(${Object.keys(DIALECT_OF_VERB).join('|')})$`)

/** Says what went wrong before a call is known, in words that all of them share. */
const DIALECT = 'gemini'

export default definePlugin({
  name: 'gemini',

  data(app, house) {
    app.register(async scope => {
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser(['application/json', '*'], { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
      const handler = (request: FastifyRequest, reply: FastifyReply): void => {
        try {
          const { dialect, path } = callOf(request)
          if (request.method !== 'POST') {
            reply.header('allow', 'POST')
            throw new GatehouseError('method_not_allowed', `Expected POST on this path; got ${request.method}.`)
          }
          request.body ??= Buffer.alloc(0)
          house.proxy(request, reply, dialect, path)
        } catch (error) {
          house.refuse(reply, GatehouseError.from(error), DIALECT)
        }
      }
      scope.route({ method: scope.supportedMethods, url: '/v1beta/*', config: { dialect: DIALECT }, handler })
      // The newest clients leave out the `beta`; who reads models there is the OpenAI API's.
      scope.route({ method: 'POST', url: '/v1/models/*', config: { dialect: DIALECT }, handler })
    })
  },
})

/**
 * The call, with its path below the API's root plainly spelt, and nothing of the query but how a stream is to come. Fastify
 * takes no URL that cannot be decoded.
 */
function callOf({ url, query }: FastifyRequest): { readonly dialect: string; readonly path: string } {
  const [path = ''] = url.split('?', 1)
  const [, model, verb = ''] = CALL.exec(path) ?? []
  if (model === undefined) {
    const verbs = Object.keys(DIALECT_OF_VERB).join(', ')
    throw new GatehouseError('unknown_path', `Expected /v1beta/models/MODEL:VERB, with one of ${verbs}.`)
  }
  const below = `/models/${encodeURIComponent(decodeURIComponent(model))}:${verb}`
  const dialect = DIALECT_OF_VERB[verb]!
  const { alt } = query as { alt?: unknown }
  if (verb !== 'streamGenerateContent' || alt === undefined || alt === 'json') return { dialect, path: below }
  if (alt === 'sse') return { dialect, path: `${below}?alt=sse` }
  const problem = 'Expected "alt" in the query to be "sse" or "json": a stream comes as server-sent events or as a JSON array.'
  throw new GatehouseError('invalid_body', problem, { param: 'alt' })
}
