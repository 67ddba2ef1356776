// Google's Gemini API as applications call it: generateContent, whole and streamed. The model stands in the path; a key in
// the query goes no further than the auth plugin.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { GatehouseError, definePlugin } from 'gatehouse/sdk'

const DIALECT = 'gemini'
const CALL = /^\/v1(?:beta)?\/models\/(.+):(generateContent|streamGenerateContent)$/

export default definePlugin({
  name: 'gemini',

  data(app, house) {
    app.register(async scope => {
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser(['application/json', '*'], { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
      const handler = (request: FastifyRequest, reply: FastifyReply): void => {
        try {
          const path = pathOf(request)
          if (request.method !== 'POST') {
            reply.header('allow', 'POST')
            throw new GatehouseError('method_not_allowed', `Expected POST on this path; got ${request.method}.`)
          }
          request.body ??= Buffer.alloc(0)
          house.proxy(request, reply, DIALECT, path)
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
 * The path below the API's root, plainly spelt, with nothing of the query but how a stream is to come. Fastify takes no URL
 * that cannot be decoded.
 */
function pathOf({ url, query }: FastifyRequest): string {
  const [path = ''] = url.split('?', 1)
  const [, model, verb] = CALL.exec(path) ?? []
  if (model === undefined) {
    throw new GatehouseError('unknown_path', 'Expected /v1beta/models/MODEL:generateContent or :streamGenerateContent.')
  }
  const below = `/models/${encodeURIComponent(decodeURIComponent(model))}:${verb}`
  if (verb === 'generateContent') return below
  if ((query as { alt?: unknown }).alt === 'sse') return `${below}?alt=sse`
  const problem = 'Expected "alt=sse" in the query: this gateway streams server-sent events alone.'
  throw new GatehouseError('invalid_body', problem, { param: 'alt' })
}
