// Who is calling, by API key: an application's key stands for a consumer of the config. Runs before any body is read, on
// every request of the data plane.
import { hash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { GatehouseError, definePlugin } from 'gatehouse/sdk'
import type { Consumer } from 'gatehouse/sdk'

/** Everybody, in a house that names no consumers. */
const ANONYMOUS: Consumer = Object.freeze({ name: 'anonymous', tags: Object.freeze({}), rights: Object.freeze([]) })

const PLACES = '"authorization: Bearer", "x-api-key", "x-goog-api-key" or "api-key"'

export default definePlugin({
  name: 'key',

  data(app, house) {
    if (!app.hasRequestDecorator('consumer')) app.decorateRequest('consumer')
    app.addHook('onRequest', (request, reply, done) => {
      const key = keyOf(request)
      const consumer = house.open ? ANONYMOUS : key && house.consumer(hash('sha256', key, 'buffer'))
      if (consumer) {
        request.consumer = consumer
        return done()
      }
      const problem = key ? `The API key is unknown here; expected a key of this gateway in ${PLACES}.`
        : `Expected an API key in ${PLACES}; got none.`
      // The body stays unread, so nothing can follow it on this connection (RFC 9112 section 9.3).
      reply.header('www-authenticate', 'Bearer').header('connection', 'close')
      const { dialect = 'openai-raw' } = request.routeOptions.config as { dialect?: string }
      house.refuse(reply, new GatehouseError('invalid_key', problem), dialect)
    })
  },
})

/** The key of a request, under any of the names that official clients use; undefined or empty where there is none. */
function keyOf({ headers, query, routeOptions: { config } }: FastifyRequest): string | undefined {
  const bearer = /^bearer +(\S+)$/i.exec(headers.authorization ?? '')
  if (bearer) return bearer[1]
  // Google's examples put it into the query; no other path may have it there, since a path that passes unread keeps its query.
  const asked = (config as { dialect?: string }).dialect === 'gemini' ? (query as { key?: unknown }).key : undefined
  const named = headers['x-api-key'] ?? headers['x-goog-api-key'] ?? headers['api-key'] ?? asked
  return typeof named === 'string' ? named : undefined
}
