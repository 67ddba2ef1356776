// Anthropic's API as applications call it: messages, whole and streamed, and the count of their tokens. What else it has
// below /v1/messages keeps state at Anthropic's, and is no path here.
import { GatehouseError, definePlugin } from 'gatehouse/sdk'

/** The paths that the house reads, and the dialect that each of them speaks. */
const DIALECT_OF_PATH: Readonly<Record<string, string>> = {
  '/v1/messages': 'anthropic-messages',
  '/v1/messages/count_tokens': 'anthropic-count-tokens',
}

/** What Anthropic's own clients add to the path where an application uses what is not yet final. */
const BETA = '?beta=true'

export default definePlugin({
  name: 'anthropic',

  data(app, house) {
    app.register(async scope => {
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser(['application/json', '*'], { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
      for (const [path, dialect] of Object.entries(DIALECT_OF_PATH)) {
        scope.route({
          method: 'POST',
          url: path,
          config: { dialect },
          handler(request, reply) {
            request.body ??= Buffer.alloc(0)
            house.proxy(request, reply, dialect, request.url.endsWith(BETA) ? path + BETA : path)
          },
        })
        scope.route({
          method: scope.supportedMethods.filter(method => method !== 'POST'),
          url: path,
          config: { dialect },
          handler(request, reply) {
            const problem = `Expected POST on this path; got ${request.method}.`
            house.refuse(reply.header('allow', 'POST'), new GatehouseError('method_not_allowed', problem), dialect)
          },
        })
      }
      scope.route({
        method: scope.supportedMethods,
        url: '/v1/messages/*',
        config: { dialect: 'anthropic-messages' },
        handler(_request, reply) {
          const problem = `Expected a path of Anthropic's API that is served here: ${Object.keys(DIALECT_OF_PATH).join(' or ')}.`
          house.refuse(reply, new GatehouseError('unknown_path', problem), 'anthropic-messages')
        },
      })
    })
  },
})
